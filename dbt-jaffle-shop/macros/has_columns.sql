{#
    Whether a relation has exactly these columns, in any order. Needed before an incremental model
    compares itself with what is stored: on_schema_change adds a new column only after the model's
    query has run.
#}
{% macro has_columns(relation, columns) %}
    {% set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
    {{ return((existing | sort) == (columns | sort)) }}
{% endmacro %}
