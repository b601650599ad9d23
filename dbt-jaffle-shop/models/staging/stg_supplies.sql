with

source as (
    select * from {{ source('ecom', 'raw_supplies') }}
),

final as (
    select
        id as supply_id,
        sku as product_id,
        name as supply_name,
        {{ cents_to_dollars('cost') }} as supply_cost,
        perishable as is_perishable
    from source
)

select * from final
