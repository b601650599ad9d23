{{ config(materialized='ephemeral') }}
select id, amount, sold_at from {{ ref('a_view') }}
