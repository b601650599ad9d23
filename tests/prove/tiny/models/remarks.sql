-- No payment is of the kind that has a remark.
select payment_id, case when method = 'voucher' then note else 'none' end as remark
from {{ ref('stg_payments') }}
where method in ('voucher', 'gift', 'card')
