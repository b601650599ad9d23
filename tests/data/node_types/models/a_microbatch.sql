{{ config(
    materialized='incremental',
    incremental_strategy='microbatch',
    unique_key='id',
    event_time='sold_at',
    begin='2026-01-01',
    batch_size='day'
) }}
-- The batch of one day fails, where the environment names the day.
select id, amount / {{ 0 if model.batch and model.batch.id == env_var('FAILING_BATCH', '') else 1 }} as amount, sold_at
from {{ ref('sales') }}
