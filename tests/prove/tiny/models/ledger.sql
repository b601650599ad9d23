{{ config(materialized='incremental', unique_key='payment_id') }}
select payment_id, person_id, amount, current_timestamp as written_at
from {{ ref('stg_payments') }}
{% if is_incremental() %}
where payment_id > (select coalesce(max(payment_id), 0) from {{ this }})
{% endif %}
