-- The map calls its columns so.
select 'US-' || state as country_id, sum(total_revenue) as metric
from geographic_performance
where state is not null
group by state
