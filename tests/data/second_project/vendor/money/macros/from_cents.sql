{# As a package would bring it. #}
{% macro from_cents(column) -%}
    ({{ adapter.quote(column) }} / 100.0)::numeric(16, 2)
{%- endmacro %}
