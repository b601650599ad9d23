{{ config(materialized='ephemeral') }}
select id as payment_id, person_id, cents / 100.0 as amount, method, paid_at, note, discount from {{ ref('payments') }}
