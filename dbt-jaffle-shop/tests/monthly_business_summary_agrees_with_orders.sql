with

reported as (
    select * from {{ ref('monthly_business_summary') }}
),

counted as (
    select
        {{ year_month('order_date') }} as year_month,
        count(*) as total_orders,
        count(distinct customer_id) as unique_customers,
        sum(amount) as total_revenue
    from {{ ref('orders') }}
    group by 1
)

select
    coalesce(reported.year_month, counted.year_month) as year_month,
    reported.total_orders as reported_orders,
    counted.total_orders as counted_orders,
    reported.unique_customers as reported_customers,
    counted.unique_customers as counted_customers,
    reported.total_revenue as reported_revenue,
    counted.total_revenue as counted_revenue
from reported
full outer join counted on reported.year_month = counted.year_month
where
    reported.total_orders is distinct from coalesce(counted.total_orders, 0)
    or reported.unique_customers is distinct from coalesce(counted.unique_customers, 0)
    or reported.total_revenue is distinct from coalesce(counted.total_revenue, 0)
