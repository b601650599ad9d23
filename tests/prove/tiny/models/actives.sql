-- The filter leaves one of the two values.
select person_id, active from {{ ref('stg_people') }} where active
