-- Both sides of the key are numbers: PostgreSQL takes the left one.
select person_id, p.name, k.kind
from {{ ref('stg_people') }} as p
inner join {{ ref('passes') }} as k using (person_id)
