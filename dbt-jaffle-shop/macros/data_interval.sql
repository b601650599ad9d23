{#
    The interval comes as environment variables, not as --vars: a changed variable makes dbt parse
    again the models that read it, a changed --vars the whole project.
#}
{% macro data_interval() %}
    {% set start = data_interval_bound('DATA_INTERVAL_START') %}
    {% set end = data_interval_bound('DATA_INTERVAL_END') %}

    {% if not start and not end %}
        {{ return(none) }}
    {% endif %}

    {% if not start or not end %}
        {% set missing = 'DATA_INTERVAL_END' if start else 'DATA_INTERVAL_START' %}
        {{ exceptions.raise_compiler_error(
            missing ~ " is empty although the other end of the interval is given."
            ~ " Allowed: both DATA_INTERVAL_START and DATA_INTERVAL_END, or neither."
        ) }}
    {% endif %}

    {% if end < start %}
        {{ exceptions.raise_compiler_error(
            "DATA_INTERVAL_END is '" ~ env_var('DATA_INTERVAL_END') ~ "', before DATA_INTERVAL_START, '"
            ~ env_var('DATA_INTERVAL_START') ~ "'. Allowed: an end at or after the start."
        ) }}
    {% endif %}

    {{ return({'start': start, 'end': end}) }}
{% endmacro %}


{% macro data_interval_bound(variable) %}
    {% set value = env_var(variable, '') | trim %}
    {% if not value %}
        {{ return(none) }}
    {% endif %}

    {% set problem = (
        variable ~ " is '" ~ value ~ "'. Allowed: empty, or an ISO-8601 timestamp such as"
        ~ " 2024-03-01T00:00:00+00:00 (UTC where it names no offset)."
    ) %}
    {% set bound = try_or_compiler_error(problem, modules.datetime.datetime.fromisoformat, value) %}
    {% if bound.tzinfo is none %}
        {{ return(bound.replace(tzinfo=modules.pytz.utc)) }}
    {% endif %}
    {{ return(try_or_compiler_error(problem, bound.astimezone, modules.pytz.utc)) }}
{% endmacro %}


{# A condition: true for the months, given as text YYYY-MM, that the data interval touches. #}
{% macro in_data_interval(year_month) -%}
    {%- set interval = data_interval() -%}
    {%- if interval and interval.start < interval.end -%}
        {%- set last_moment = interval.end - modules.datetime.timedelta(microseconds=1) -%}
        {{ year_month }} between '{{ interval.start.strftime("%Y-%m") }}' and '{{ last_moment.strftime("%Y-%m") }}'
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
