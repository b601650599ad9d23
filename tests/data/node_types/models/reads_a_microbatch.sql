select id from {{ ref('a_microbatch') }}
