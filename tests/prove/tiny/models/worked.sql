-- Both sides of the key are days.
select day, h.label, s.who
from {{ ref('holidays') }} as h
inner join {{ ref('shifts') }} as s using (day)
