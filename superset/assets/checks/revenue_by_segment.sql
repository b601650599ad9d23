select customer_segment, sum(total_revenue) as revenue
from customer_lifetime_value
group by customer_segment
