select count(*) as customers from customer_lifetime_value
