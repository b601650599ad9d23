{#
    SQL that warehouses write differently, and that dbt has no cross-database macro for. The default is
    PostgreSQL's. Another warehouse gets a macro with its adapter's name in front.
#}
{% macro year_month(moment) -%}
    {{ adapter.dispatch('year_month', 'jaffle_shop')(moment) }}
{%- endmacro %}


{% macro default__year_month(moment) -%}
    to_char({{ moment }}, 'YYYY-MM')
{%- endmacro %}


{% macro duckdb__year_month(moment) -%}
    strftime({{ moment }}, '%Y-%m')
{%- endmacro %}


{% macro spark__year_month(moment) -%}
    date_format({{ moment }}, 'yyyy-MM')
{%- endmacro %}


{# A text in which all matches of a regular expression are replaced. #}
{% macro regexp_replaced(text, pattern, replacement, ignore_case=false) -%}
    {{ adapter.dispatch('regexp_replaced', 'jaffle_shop')(text, pattern, replacement, ignore_case) }}
{%- endmacro %}


{% macro default__regexp_replaced(text, pattern, replacement, ignore_case) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', '{{ 'gi' if ignore_case else 'g' }}')
{%- endmacro %}


{# Without the r, Spark reads the backslashes itself. #}
{% macro spark__regexp_replaced(text, pattern, replacement, ignore_case) -%}
    regexp_replace({{ text }}, r'{{ '(?i)' if ignore_case }}{{ pattern }}', '{{ replacement }}')
{%- endmacro %}


{# Days from one date to another, an integer. #}
{% macro days_between(first, last) -%}
    {{ adapter.dispatch('days_between', 'jaffle_shop')(first, last) }}
{%- endmacro %}


{% macro default__days_between(first, last) -%}
    {{ last }} - {{ first }}
{%- endmacro %}


{% macro duckdb__days_between(first, last) -%}
    cast({{ last }} - {{ first }} as integer)
{%- endmacro %}


{% macro spark__days_between(first, last) -%}
    datediff({{ last }}, {{ first }})
{%- endmacro %}


{# A row for each month from the first to the last. #}
{% macro months_from(first, last) -%}
    {{ adapter.dispatch('months_from', 'jaffle_shop')(first, last) }}
{%- endmacro %}


{% macro default__months_from(first, last) -%}
    generate_series({{ first }}, {{ last }}, interval '1 month')
{%- endmacro %}


{% macro duckdb__months_from(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}, interval '1 month'))
{%- endmacro %}


{% macro spark__months_from(first, last) -%}
    explode(sequence({{ first }}, {{ last }}, interval '1 month'))
{%- endmacro %}


{#
    An index without a name of its own, where the warehouse picks a free one. Under a fixed name, `if not
    exists` would find the index of the table that this run is about to drop, and leave the new one without.
    Nothing where the warehouse has no such index.
#}
{% macro index_on(relation, column) -%}
    {% if target.type == 'postgres' %}create index on {{ relation }} ({{ column }}){% endif %}
{%- endmacro %}


{#
    Load the rows of a seed. It replaces dbt-spark's own macro, which fails at a quote in a text, and
    looks for the type of a column once for each row.
#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set given, types = model.config.get('column_types', {}), [] %}
    {% for name in agate_table.column_names %}
        {% do types.append(given.get(name, adapter.convert_type(agate_table, loop.index0))) %}
    {% endfor %}
    {% set statements = [] %}
    {% for rows in agate_table.rows | batch(get_batch_size()) %}
        {% set sql %}
            insert into {{ this }}
            values
            {% for row in rows -%}
                (
                    {%- for value in row -%}
                        {%- if value is none -%}
                            null
                        {%- else -%}
                            cast('{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}' as {{ types[loop.index0] }})
                        {%- endif -%}
                        {{ ', ' if not loop.last }}
                    {%- endfor -%}
                ){{ ',' if not loop.last }}
            {% endfor %}
        {% endset %}
        {% do adapter.add_query(sql, abridge_sql_log=True) %}
        {% do statements.append(sql) %}
    {% endfor %}
    {{ return(statements[0]) }}
{% endmacro %}
