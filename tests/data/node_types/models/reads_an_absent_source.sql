{% set absent = adapter.get_relation(this.database, 'shop', 'not_there') is none %}
-- depends_on: {{ source('shop', 'not_there') }}
select sales.id, {{ 'null::int' if absent else 'not_there.id' }} as other from {{ ref('sales') }} as sales
