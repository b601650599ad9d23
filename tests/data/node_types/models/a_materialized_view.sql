{{ config(materialized='materialized_view') }}
select id, amount from {{ ref('a_table') }}
