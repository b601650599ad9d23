{{ config(alias='revenue_by_person') }}

with booked as (select * from {{ ref('booked_in_euro') }}),

people as (select * from {{ ref('people') }}),

final as (
    select
        people.person_id,
        people.name,
        sum(booked.amount) as "TotalAmount",
        max(booked."BookedOn") as last_booked_on
    from people
    left join booked on people.person_id = booked.person_id
    group by people.person_id, people.name
)

select * from final
