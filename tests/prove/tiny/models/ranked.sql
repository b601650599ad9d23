select
    payment_id,
    row_number() over (partition by person_id order by paid_at, payment_id) as place,
    lag(amount) over (partition by person_id order by paid_at, payment_id) as previous_amount
from {{ ref('stg_payments') }}
