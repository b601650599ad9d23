-- Keys of a type whose values cannot be written in another way.
select s.gate, p.id as pass_id, p.kind, array_agg(p.kind) over () as in_no_order
from {{ ref('scans') }} as s
inner join {{ ref('passes') }} as p on s.pass_id = p.id
