with

source as (
    select * from {{ source('ecom', 'raw_customers') }}
),

final as (
    select
        id as customer_id,
        trim({{ regexp_replaced('name', '\\s+', ' ') }}) as customer_name
    from source
)

select * from final
