select id, name from {{ ref('city_history') }} where dbt_valid_to is null
