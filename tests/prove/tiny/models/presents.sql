-- What is read has no rows.
select p.person_id, p.name, count(g.id) as gifts, max(upper(g.label)) as label
from {{ ref('stg_people') }} as p
left join {{ ref('gifts') }} as g on p.person_id = g.person_id
group by p.person_id, p.name
