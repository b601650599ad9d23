select id, {{ function('doubled') }}(amount) as amount from {{ ref('sales') }}
