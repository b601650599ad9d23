{% macro an_operation() %}{% do run_query('select 1') %}{% endmacro %}
