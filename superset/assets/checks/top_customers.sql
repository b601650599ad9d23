select
    customer_name,
    customer_segment,
    total_orders,
    total_revenue,
    avg_order_value,
    first_order_date,
    last_order_date
from customer_lifetime_value
order by total_revenue desc, customer_name
limit 10
