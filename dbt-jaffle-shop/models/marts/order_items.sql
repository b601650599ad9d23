with

order_items as (
    select * from {{ ref('stg_order_items') }}
),

final as (
    select
        order_id,
        product_id,
        count(*) as quantity
    from order_items
    group by order_id, product_id
)

select * from final
