with

products as (
    select * from {{ ref('stg_products') }}
),

final as (
    select
        product_id,
        product_name,
        product_type,
        product_description,
        product_price
    from products
)

select * from final
