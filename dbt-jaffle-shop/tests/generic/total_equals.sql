{#
    The column's sum is what the aggregate `total` gives over another relation: nothing was lost on
    the way, and nothing counted twice.
#}
{% test total_equals(model, column_name, relation, total) %}

with

reported as (
    select coalesce(sum({{ column_name }}), 0) as total
    from {{ model }}
),

expected as (
    select coalesce({{ total }}, 0) as total
    from {{ relation }}
)

select
    reported.total as reported_total,
    expected.total as expected_total
from reported
cross join expected
where reported.total <> expected.total

{% endtest %}
