select id from {{ ref('elsewhere', 'shared') }}
