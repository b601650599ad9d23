select (year_month || '-01')::date as order_month, total_orders as orders
from monthly_business_summary
