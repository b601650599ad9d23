{{ config(severity='warn') }}

select
    location_id,
    location_name
from {{ ref('locations') }}
where city is null
