{{ config(materialized='view') }}

with

locations as (
    select * from {{ ref('locations') }}
),

orders as (
    select * from {{ ref('orders') }}
),

order_items as (
    select * from {{ ref('order_items') }}
),

-- Orders and their items are summed up apart: joined first, an order would count once per product.
location_orders as (
    select
        location_id,
        count(*) as total_orders,
        count(distinct customer_id) as unique_customers,
        sum(amount) as total_revenue
    from orders
    group by location_id
),

location_items as (
    select
        orders.location_id,
        sum(order_items.quantity) as total_items_sold,
        count(distinct order_items.product_id) as products_sold
    from orders
    inner join order_items on orders.order_id = order_items.order_id
    group by orders.location_id
),

location_totals as (
    select
        locations.location_name,
        locations.city,
        locations.state,
        locations.latitude,
        locations.longitude,
        coalesce(location_orders.total_orders, 0) as total_orders,
        coalesce(location_orders.unique_customers, 0) as unique_customers,
        coalesce(location_orders.total_revenue, 0) as total_revenue,
        coalesce(location_items.total_items_sold, 0) as total_items_sold,
        coalesce(location_items.products_sold, 0) as products_sold
    from locations
    left join location_orders on locations.location_id = location_orders.location_id
    left join location_items on locations.location_id = location_items.location_id
),

final as (
    select
        location_name,
        city,
        state,
        latitude,
        longitude,
        total_orders,
        unique_customers,
        cast(total_revenue as numeric(16, 2)) as total_revenue,
        cast(
            coalesce(total_revenue / nullif(total_orders, 0), 0) as numeric(16, 2)
        ) as avg_order_value,
        cast(total_items_sold as bigint) as total_items_sold,
        products_sold,
        cast(
            coalesce(total_revenue / nullif(unique_customers, 0), 0) as numeric(16, 2)
        ) as revenue_per_customer
    from location_totals
)

select * from final
