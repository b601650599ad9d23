select customer_segment, count(*) as customers
from customer_lifetime_value
group by customer_segment
