{{ config(materialized='ephemeral') }}

select * from {{ ref('invoices') }} where "BookedOn" is not null
