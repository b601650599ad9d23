select
    location_name,
    state,
    total_revenue,
    total_orders,
    unique_customers,
    avg_order_value,
    revenue_per_customer,
    total_items_sold,
    products_sold
from geographic_performance
