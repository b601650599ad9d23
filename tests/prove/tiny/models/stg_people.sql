{{ config(materialized='view') }}
select * from (select id as person_id, upper(name) as name, city_id, tier, active, joined from {{ ref('people') }}) as p
