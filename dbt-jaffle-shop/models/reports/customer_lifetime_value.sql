{{
    config(
        materialized='table',
        post_hook="{{ index_on(this, 'customer_id') }}"
    )
}}

{% set interval = data_interval() %}

with

customers as (
    select * from {{ ref('customers') }}
),

orders as (
    select * from {{ ref('orders') }}
),

customer_orders as (
    select
        customer_id,
        count(*) as total_orders,
        sum(amount) as total_revenue,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from orders
    group by customer_id
),

lifetimes as (
    select
        customers.customer_id,
        concat_ws(' ', customers.first_name, customers.last_name) as customer_name,
        coalesce(customer_orders.total_orders, 0) as total_orders,
        coalesce(customer_orders.total_revenue, 0) as total_revenue,
        customer_orders.first_order_date,
        customer_orders.last_order_date
    from customers
    left join customer_orders on customers.customer_id = customer_orders.customer_id
),

final as (
    select
        customer_id,
        customer_name,
        total_orders,
        cast(total_revenue as numeric(16, 2)) as total_revenue,
        cast(
            coalesce(total_revenue / nullif(total_orders, 0), 0) as numeric(16, 2)
        ) as avg_order_value,
        first_order_date,
        last_order_date,
        {{ days_between('first_order_date', 'last_order_date') }} as customer_lifespan_days,
        case
            when total_revenue > 1000 then 'High'
            when total_revenue > 500 then 'Medium'
            else 'Low'
        end as customer_segment,
        {% if interval %}
            cast('{{ interval.end.date() }}' as date) as analysis_date
        {% else %}
            current_date as analysis_date
        {% endif %}
    from lifetimes
)

select * from final
