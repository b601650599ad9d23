-- There are two keys, and numbers that cannot be greater still in their type.
select b.id as badge_id, d.door, d.serial
from {{ ref('badges') }} as b
inner join {{ ref('doors') }} as d on b.id = d.badge_id
