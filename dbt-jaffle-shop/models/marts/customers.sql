with

customers as (
    select * from {{ ref('stg_customers') }}
),

without_title as (
    select
        customer_id,
        {{ regexp_replaced(
            'customer_name', '^((mr|mrs|ms|miss|mx|dr)\\.?\\s+)+', '', ignore_case=true
        ) }} as customer_name
    from customers
),

without_suffix as (
    select
        customer_id,
        {{ regexp_replaced(
            'customer_name', '(,?\\s+(jr|sr|ii|iii|iv|v|md|dds|dvm|phd)\\.?)+$', '', ignore_case=true
        ) }} as customer_name
    from without_title
),

first_words as (
    select
        customer_id,
        customer_name,
        split_part(customer_name, ' ', 1) as first_name
    from without_suffix
),

final as (
    select
        customer_id,
        first_name,
        nullif(substr(customer_name, length(first_name) + 2), '') as last_name
    from first_words
)

select * from final
