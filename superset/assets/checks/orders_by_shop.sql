select location_name, state, latitude, longitude, total_orders as orders
from geographic_performance
where latitude is not null and longitude is not null
