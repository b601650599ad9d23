select id, amount * 100 as price_in_cents from {{ ref('sales') }}
