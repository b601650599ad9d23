with

reported as (
    select
        year_month,
        total_revenue,
        prev_month_revenue,
        {{ year_month("cast(year_month || '-01' as date) - interval '1 month'") }} as month_before
    from {{ ref('monthly_business_summary') }}
)

select
    reported.year_month,
    reported.prev_month_revenue,
    previous.total_revenue as revenue_of_month_before
from reported
left join reported as previous on reported.month_before = previous.year_month
where reported.prev_month_revenue is distinct from previous.total_revenue
