-- The join matches nothing.
select p.person_id, p.name, coalesce(c.name, 'nowhere') as city
from {{ ref('stg_people') }} as p
left join {{ ref('cities') }} as c on p.person_id = c.id and c.country = 'XX'
