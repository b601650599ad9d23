with

locations as (
    select * from {{ ref('stg_locations') }}
),

store_locations as (
    select * from {{ ref('store_locations') }}
),

final as (
    select
        locations.location_id,
        locations.location_name,
        store_locations.city,
        store_locations.state,
        store_locations.latitude,
        store_locations.longitude,
        locations.opened_date,
        locations.tax_rate
    from locations
    left join store_locations on locations.location_name = store_locations.store_name
)

select * from final
