{{ config(materialized='view') }}

with people as (select * from {{ source('hr', 'people') }})

select * from people
