{#
    Every run computes all months from all orders and then writes only the rows that the stored table
    lacks or has differently, and those that the data interval asks for. See the README.

    dbt refuses an enforced contract together with sync_all_columns, so the pre-hook makes dbt's own
    contract check. The post-hook takes out months before the first or after the last order: an
    incremental run replaces rows, it doesn't remove them.

    Spark's own tables know no delete, so there each run builds the table anew.
#}
{{
    config(
        materialized='table' if target.type == 'spark' else 'incremental',
        unique_key='year_month',
        incremental_strategy='delete+insert',
        on_schema_change='sync_all_columns',
        pre_hook='{{ assert_columns_equivalent(sql) if execute and target.type != "spark" }}',
        post_hook="
            {% if target.type != 'spark' %}
            with reported_range as (
                select
                    {{ year_month('min(order_date)') }} as first_month,
                    {{ year_month('max(order_date)') }} as last_month
                from {{ ref('orders') }}
            )
            delete from {{ this }} as reported
            using reported_range
            where (year_month between first_month and last_month) is not true
            {% endif %}
        "
    )
}}

{%
    set figures = [
        'total_orders',
        'unique_customers',
        'new_customers',
        'total_revenue',
        'avg_order_value',
        'products_sold',
        'total_quantity',
        'prev_month_revenue',
        'revenue_growth_pct',
    ]
%}

with

orders as (
    select * from {{ ref('orders') }}
),

order_items as (
    select * from {{ ref('order_items') }}
),

dated_orders as (
    select
        order_id,
        customer_id,
        amount,
        date_trunc('month', cast(order_date as timestamp)) as order_month
    from orders
),

-- A month without orders is a row too, so that the row before is always the calendar month before.
months as (
    select {{ months_from('min(order_month)', 'max(order_month)') }} as order_month
    from dated_orders
),

monthly_orders as (
    select
        order_month,
        count(*) as total_orders,
        count(distinct customer_id) as unique_customers,
        sum(amount) as total_revenue
    from dated_orders
    group by order_month
),

monthly_items as (
    select
        dated_orders.order_month,
        count(distinct order_items.product_id) as products_sold,
        sum(order_items.quantity) as total_quantity
    from dated_orders
    inner join order_items on dated_orders.order_id = order_items.order_id
    group by dated_orders.order_month
),

first_orders as (
    select
        customer_id,
        min(order_month) as order_month
    from dated_orders
    group by customer_id
),

monthly_new_customers as (
    select
        order_month,
        count(*) as new_customers
    from first_orders
    group by order_month
),

monthly_totals as (
    select
        months.order_month,
        coalesce(monthly_orders.total_orders, 0) as total_orders,
        coalesce(monthly_orders.unique_customers, 0) as unique_customers,
        coalesce(monthly_new_customers.new_customers, 0) as new_customers,
        coalesce(monthly_orders.total_revenue, 0) as total_revenue,
        coalesce(monthly_items.products_sold, 0) as products_sold,
        coalesce(monthly_items.total_quantity, 0) as total_quantity
    from months
    left join monthly_orders on months.order_month = monthly_orders.order_month
    left join monthly_items on months.order_month = monthly_items.order_month
    left join monthly_new_customers on months.order_month = monthly_new_customers.order_month
),

monthly_growth as (
    select
        *,
        lag(total_revenue) over (order by order_month) as prev_month_revenue
    from monthly_totals
),

computed as (
    select
        {{ year_month('order_month') }} as year_month,
        total_orders,
        unique_customers,
        new_customers,
        cast(total_revenue as numeric(16, 2)) as total_revenue,
        cast(
            coalesce(total_revenue / nullif(total_orders, 0), 0) as numeric(16, 2)
        ) as avg_order_value,
        products_sold,
        cast(total_quantity as bigint) as total_quantity,
        cast(prev_month_revenue as numeric(16, 2)) as prev_month_revenue,
        cast(
            100 * (total_revenue - prev_month_revenue) / nullif(prev_month_revenue, 0)
            as numeric(16, 2)
        ) as revenue_growth_pct,
        current_timestamp as report_generated_at
    from monthly_growth
),

final as (
    select computed.*
    from computed
    {% if is_incremental() and has_columns(this, ['year_month', 'report_generated_at'] + figures) %}
        left join {{ this }} as reported on computed.year_month = reported.year_month
        where
            {{ in_data_interval('computed.year_month') }}
            or (computed.{{ figures | join(', computed.') }})
            is distinct from (reported.{{ figures | join(', reported.') }})
    {% endif %}
)

select * from final
