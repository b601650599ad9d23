with

orders as (
    select * from {{ ref('stg_orders') }}
),

final as (
    select
        order_id,
        customer_id,
        location_id,
        cast(ordered_at as date) as order_date,
        order_total as amount
    from orders
)

select * from final
