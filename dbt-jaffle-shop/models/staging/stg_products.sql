with

source as (
    select * from {{ source('ecom', 'raw_products') }}
),

final as (
    select
        sku as product_id,
        trim(name) as product_name,
        type as product_type,
        trim(description) as product_description,
        {{ cents_to_dollars('price') }} as product_price
    from source
)

select * from final
