select (sum(total_revenue) / nullif(sum(total_orders), 0))::numeric(16, 2) as average_order
from customer_lifetime_value
