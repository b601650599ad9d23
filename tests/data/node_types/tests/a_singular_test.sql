select id from {{ ref('a_table') }} where amount < 0
