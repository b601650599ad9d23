select id from {{ source('shop', 'visits') }}
