select id, amount, sold_at from {{ ref('an_ephemeral') }}
