select id, amount as price from {{ ref('sales') }}
