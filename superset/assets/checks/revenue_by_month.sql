select (year_month || '-01')::date as order_month, total_revenue as revenue
from monthly_business_summary
