{{ config(materialized='view') }}
select id, amount, sold_at from {{ ref('sales') }}
