-- The key of the left side is taken where the join is USING; a missing tier is given by the country.
select
    city_id,
    p.name,
    c.name as city,
    coalesce(p.tier, c.country) as label,
    case when p.active then p.joined end as active_since
from {{ ref('stg_people') }} as p
left join (select id as city_id, name, country from {{ ref('cities') }}) as c using (city_id)
