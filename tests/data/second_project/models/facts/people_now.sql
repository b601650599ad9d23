{{ config(materialized='incremental', unique_key='person_id') }}

select person_id, name, dbt_valid_from as known_since
from {{ ref('people_history') }}
where dbt_valid_to is null
{% if is_incremental() %} and dbt_valid_from > (select max(known_since) from {{ this }}) {% endif %}
