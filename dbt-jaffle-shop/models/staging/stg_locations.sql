with

source as (
    select * from {{ source('ecom', 'raw_stores') }}
),

final as (
    select
        id as location_id,
        trim(name) as location_name,
        cast(opened_at as date) as opened_date,
        tax_rate
    from source
)

select * from final
