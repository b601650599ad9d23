select sum(total_orders)::bigint as orders from customer_lifetime_value
