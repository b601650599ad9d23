select (year_month || '-01')::date as order_month, new_customers
from monthly_business_summary
