select name, 'city' as what from {{ ref('cities') }}
union
select name, 'person' as what from {{ ref('stg_people') }}
