{{ config(materialized='ephemeral') }}

select
    booked.person_id,
    booked."BookedOn",
    booked.amount * rates.to_euro as amount
from {{ ref('booked') }} as booked
inner join {{ ref('currency_rates') }} as rates on booked.currency = rates.currency
