{{ config(alias='Invoice') }}

with lines as (select * from {{ source('books', 'invoice_lines') }})

select
    "InvoiceId" as invoice_id,
    "PersonId" as person_id,
    currency,
    {{ from_cents('AmountCents') }} as amount,
    "BookedOn" as "BookedOn"
from lines
where not "IsVoid"
