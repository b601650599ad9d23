select (year_month || '-01')::date as order_month, (revenue_growth_pct / 100)::numeric(16, 4) as growth
from monthly_business_summary
