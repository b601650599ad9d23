with totals as (
    select person_id, sum(amount) as spent, count(*) as payments, count(distinct method) as methods
    from {{ ref('stg_payments') }}
    where note is distinct from 'late'
    group by person_id
)

select p.person_id, p.name, t.spent, t.payments, t.methods, case when t.spent > 200 then 'big' else 'small' end as size
from {{ ref('stg_people') }} as p
inner join totals as t on p.person_id = t.person_id
