select distinct on (person_id) person_id, method, discount > 0 as discounted
from {{ ref('stg_payments') }}
order by person_id, paid_at desc, payment_id
