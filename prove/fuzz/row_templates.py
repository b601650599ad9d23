"""The grammar's aggregates, windows and row functions, as data."""

AGGREGATES: dict[str, tuple[str, ...]] = {
    "int": (
        "count(*)",
        "max({int})",
        "sum({int})",
        "count({text})",
        "count(distinct {text})",
        "count(distinct ({int}, {text}))",
        "count({row})",
        "count(*) filter (where {bool})",
        "max({int}) filter (where {bool})",
        "bit_or({int})",
        "rank({lit int}) within group (order by {int})",
        "mode() within group (order by {int})",
        "percentile_disc(0.5) within group (order by {int} desc)",
        "sum(distinct {int}) filter (where {bool})",
    ),
    "num": (
        "sum({num})",
        "avg({num})",
        "max({num})",
        "total({num})",
        "base.total({num}) filter (where {bool})",
        "total(distinct {num})",
        "sum({num}) filter (where {bool})",
        "round(stddev({num}), 4)",
        "percentile_cont(0.5) within group (order by {num})::numeric",
        "percentile_disc(0.5) within group (order by {num}) filter (where {bool})",
        "sum({num}) / nullif(count(*), 0)",
        "max({num}) - min({num})",
        "coalesce(sum({num}), 0)",
        "sum(case when {bool} then {num} end)",
    ),
    "text": (
        "max({text})",
        "min({text}) filter (where {bool})",
        "string_agg({text}, ',' order by {text}, {same})",
        "string_agg(distinct {text}, ',')",
        "string_agg({text}, ',' order by {text}, {same}) filter (where {bool})",
        "string_agg({text}, ',' order by {num} desc, {int}, {same})",
        "json_agg({text} order by {text}, {same})::text",
        "json_arrayagg({text} order by {text}, {same} null on null)::text",
        "json_arrayagg({int} order by {int}, {same} returning text)",
        "json_object_agg(coalesce({text}, ''), {int} order by {int}, {everything})::text",
        "mode() within group (order by {text})",
        "(array_agg({text} order by {num}, {int}, {same}))[1]",
    ),
    "ts": ("max({ts})", "min({ts})", "max({ts}) filter (where {bool})"),
    "bool": (
        "bool_or({bool})",
        "every({bool})",
        "bool_and({bool}) filter (where {bool})",
        "count(*) > 1",
        "max({int}) > min({int})",
    ),
    "tags": ("array_agg({text} order by {text}, {same})", "array_agg(distinct {text})"),
    "doc": (
        "jsonb_agg({int} order by {int}, {same})",
        "jsonb_agg(to_jsonb({row}) order by {int}, {same})",
        "jsonb_agg({text} order by {text}, {same}) filter (where {bool})",
        "json_objectagg(coalesce({text}, '') value coalesce({same}, 'y'))::jsonb",
    ),
}

# ``{win}`` is a window of which only the peers matter, ``{all}`` one that puts every row in its place.
WINDOWED: dict[str, tuple[str, ...]] = {
    "int": (
        "row_number() over {all}",
        "rank() over {win}",
        "count(*) over {win}",
        "sum({int}) over {win}",
        "sum({int}) over {all}",
        "lag({int}) over {all}",
        "lead({int}, 1, {int}) over {all}",
        "first_value({int}) over {all}",
        "ntile(2) over {all}",
        "count({text}) filter (where {bool}) over {win}",
        "nth_value({int}, 2) over {all}",
        "lag({int}, least({int}, 2)) over {all}",
    ),
    "num": (
        "sum({num}) over {win}",
        "avg({num}) over {win}",
        "total({num}) over {all}",
        "max({num}) over {win}",
        "last_value({num}) over {all}",
        "percent_rank() over {win}::numeric",
        "{num} / nullif(sum({num}) over {win}, 0)",
    ),
    "text": (
        "max({text}) over {win}",
        "lag({text}) over {all}",
        "first_value({text}) over {all}",
        "string_agg({text}, ',') over {all}",
    ),
    "ts": ("max({ts}) over {win}", "lag({ts}) over {all}"),
    "bool": ("row_number() over {all} = 1", "bool_or({bool}) over {win}", "rank() over {win} > 1"),
    "tags": ("array_agg({text}) over {all}",),
    "doc": ("jsonb_agg({int}) over {all}",),
}

WINDOWS = (
    "(order by {int}, {num})",
    "()",
    "(partition by {text})",
    "(partition by {text} order by {int} desc nulls last, {text})",
    "(partition by {bool}, {int} order by {ts})",
    "(order by {num} range between {bound} preceding and current row)",
    "(order by {int} groups between current row and {bound} following)",
    "(order by {int}, {text} groups between unbounded preceding and unbounded following exclude group)",
    "(order by {ts} range between interval '1 day' preceding and current row exclude ties)",
    "(order by {text} using <, {int})",
)
# A window that the query names, and what is made over it.
NAMED_WINDOW = "w as (partition by {text} order by {int}, {everything})"
OVER_NAMED = (
    "sum({num}) over w",
    "row_number() over w",
    "max({num}) over (w rows between 1 preceding and current row)",
    "lag({num}) over w",
)
WINDOWS_OF_ALL = (
    "(order by {int}, {everything})",
    "(partition by {text} order by {num} desc, {everything})",
    "(order by {int}, {everything} rows between 1 preceding and current row)",
    "(order by {int}, {everything} rows between {bound} preceding and {bound} following)",
    "(order by {text}, {everything} rows between unbounded preceding and unbounded following exclude current row)",
    "(order by {ts}, {everything} range between unbounded preceding and current row)",
)
BOUNDS = (
    "1",
    "2",
    "(select coalesce(max(qty), 1) from item)",
    "(select coalesce(max(abs(boss_id)), 1) from acct where region = 'a')",
)

# Functions of the select list that return rows, with the type of a row. SQL does not show whether a user-defined one does.
ROW_FUNCTIONS = (
    ("int", "generate_series(1, least({int}, 3))"),
    ("text", "unnest({tags})"),
    ("int", "unnest(array[{int}, {int}])"),
    ("int", "generate_subscripts({tags}, 1)"),
    ("text", "regexp_split_to_table({text}, ' ')"),
    ("text", "string_to_table({text}, ' ')"),
    ("text", "jsonb_array_elements({object} -> 'b') ->> 'd'"),
    ("text", "jsonb_object_keys({object})"),
    ("text", "(jsonb_each_text({object})).value"),
    ("text", "upper(unnest({tags}))"),
    ("int", "{int} + generate_series(1, least({int}, 2))"),
)

# Functions of FROM, with the columns that they give. ``{A}`` is the alias.
FROM_FUNCTIONS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("unnest({tags}) as {A}(x)", "A", (("x", "text"),)),
    ("unnest({tags}) with ordinality as {A}(x, n)", "A", (("x", "text"), ("n", "int"))),
    ("unnest({tags}) with ordinality as {A}", "A", (("{A}", "text"), ("ordinality", "int"))),
    ("unnest({tags})", "unnest", (("unnest", "text"),)),
    ("generate_series(1, least({int}, 3)) as {A}", "A", (("{A}", "int"),)),
    ("generate_series(1, least({int}, 3)) as {A}(g)", "A", (("g", "int"),)),
    ("jsonb_array_elements({object} -> 'b') as {A}", "A", (("value", "doc"),)),
    ("jsonb_array_elements({object} -> 'b') with ordinality as {A}(e, n)", "A", (("e", "doc"), ("n", "int"))),
    ("jsonb_each_text({object}) as {A}", "A", (("key", "text"), ("value", "text"))),
    ("jsonb_each_text({object}) as {A}(k, v)", "A", (("k", "text"), ("v", "text"))),
    (
        "json_table({doc}, '$.b[*]' columns (rn for ordinality, c int path '$.c', d text path '$.d')) as {A}",
        "A",
        (("rn", "int"), ("c", "int"), ("d", "text")),
    ),
    (
        "json_table({doc}, '$' columns (a text path '$.a', hit bool exists path '$.n ? (@ > 2)',"
        " nested path '$.b[*]' columns (c int path '$.c' default 0 on empty, m for ordinality))) as {A}",
        "A",
        (("a", "text"), ("hit", "bool"), ("c", "int"), ("m", "int")),
    ),
    (
        "json_table({doc}, '$.b[*] ? (@.c > $x)' as root passing {int} as x"
        " columns (c int path '$.c', whole jsonb format json path '$')) as {A}",
        "A",
        (("c", "int"), ("whole", "doc")),
    ),
    ("json_table({doc}, '$.b[*]' columns (c int, d text)) {A}(p, q)", "A", (("p", "int"), ("q", "text"))),
    (
        "rows from (unnest({tags}), generate_series(1, least({int}, 2))) as {A}(p, q)",
        "A",
        (("p", "text"), ("q", "int")),
    ),
    (
        "rows from (unnest({tags}), pair({int})) with ordinality as {A}(p, q, r, n)",
        "A",
        (("p", "text"), ("q", "int"), ("r", "int"), ("n", "int")),
    ),
    (
        "rows from (jsonb_to_recordset({object} -> 'b') as (c int, d text), unnest({tags})) as {A}(c, d, t)",
        "A",
        (("c", "int"), ("d", "text"), ("t", "text")),
    ),
    ("pair({int}) as {A}", "A", (("lo", "int"), ("hi", "int"))),
    ("base.pair({int}) with ordinality as {A}(l, h, n)", "A", (("l", "int"), ("h", "int"), ("n", "int"))),
    ("regexp_split_to_table({text}, ' ') with ordinality as {A}(w, n)", "A", (("w", "text"), ("n", "int"))),
    ("jsonb_to_recordset({object} -> 'b') as {A}(c int, d text)", "A", (("c", "int"), ("d", "text"))),
    ("jsonb_to_record({object}) as {A}(a text, n int)", "A", (("a", "text"), ("n", "int"))),
    ("unnest({tags}, array[{int}]) as {A}(p, q)", "A", (("p", "text"), ("q", "int"))),
    ("upper({text}) as {A}(u)", "A", (("u", "text"),)),
    ("upper({text}) as {A}", "A", (("{A}", "text"),)),
    ("jsonb_path_query({doc}, '$.b[*].c') as {A}(v)", "A", (("v", "doc"),)),
    ("jsonb_populate_recordset(null::item, {object} -> 'b') as {A}", "A", (("sku", "text"), ("qty", "int"))),
)
