select sum(total_revenue) as revenue from customer_lifetime_value
