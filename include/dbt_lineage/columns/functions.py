"""What functions do that matters to lineage.

PostgreSQL's functions go by their names, those of other dialects by sqlglot's classes.

The lists are those of the documentation of PostgreSQL 18: aggregate functions, window functions, set returning
functions and JSON functions (https://www.postgresql.org/docs/18/functions.html).
"""

import re

from sqlglot import exp

AGGREGATES = frozenset(
    {
        *("any_value", "array_agg", "avg", "bit_and", "bit_or", "bit_xor", "bool_and", "bool_or", "corr", "count"),
        *("covar_pop", "covar_samp", "every", "json_agg", "json_agg_strict", "json_arrayagg", "json_object_agg"),
        *("json_object_agg_strict", "json_object_agg_unique", "json_object_agg_unique_strict", "json_objectagg"),
        *("jsonb_agg", "jsonb_agg_strict", "jsonb_object_agg", "jsonb_object_agg_strict", "jsonb_object_agg_unique"),
        *("jsonb_object_agg_unique_strict", "max", "min", "mode", "percentile_cont", "percentile_disc"),
        *("range_agg", "range_intersect_agg", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept", "regr_r2"),
        *("regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "stddev", "stddev_pop", "stddev_samp", "string_agg"),
        *("sum", "var_pop", "var_samp", "variance", "xmlagg"),
    }
)

# Those of other dialects that sqlglot has no class for.
AGGREGATES_ELSEWHERE = frozenset(
    {
        *("approx_most_frequent", "approx_set", "arbitrary", "array_union_agg", "array_unique_agg", "bitmap_agg"),
        *("bitmap_construct_agg", "checksum", "collect_list", "collect_set", "geometric_mean", "geomean"),
        *("hll", "hll_accumulate", "histogram", "kurtosis", "list", "mad", "map_agg", "map_union"),
        *(
            "multimap_agg",
            "numeric_histogram",
            "product",
            "qdigest_agg",
            "set_agg",
            "set_union",
            "skewness",
            "sumkahan",
        ),
        *("fsum", "favg", "entropy", "tdigest_agg", "try_avg", "try_sum", "regr_count", "minhash", "minhash_combine"),
    }
)

# sqlglot counts these among the aggregates; they give the value of one row, or a rank.
NOT_AGGREGATES = (
    exp.Lag,
    exp.Lead,
    exp.FirstValue,
    exp.LastValue,
    exp.NthValue,
    exp.Ntile,
    exp.Rank,
    exp.DenseRank,
    exp.PercentRank,
    exp.CumeDist,
)

# Of these the first argument is the value; by the second its row is chosen.
CHOSEN_BY = (exp.ArgMax, exp.ArgMin)

# Aggregates whose result is in the order in which they took the values.
IN_ORDER_CLASSES = (exp.ArrayAgg, exp.GroupConcat, exp.JSONArrayAgg, exp.ArrayConcatAgg)
IN_ORDER = frozenset(
    {
        *("array_agg", "json_agg", "json_agg_strict", "json_arrayagg", "jsonb_agg", "jsonb_agg_strict"),
        *("string_agg", "xmlagg"),
    }
)

# What gives one of the values that it takes as it is, so that a row among them stays a row.
OF_ROWS = frozenset(
    {
        *("coalesce", "first_value", "json_populate_record", "json_populate_recordset", "jsonb_populate_record"),
        *("jsonb_populate_recordset", "lag", "last_value", "lead", "nth_value"),
        "unnest",
    }
)
AGGREGATES_OF_ROWS = frozenset({"any_value", "array_agg", "max", "min", "mode"})

# Functions that give rows, by sqlglot's class or by name, with the names of their columns where PostgreSQL has fixed
# them; an empty tuple: one column, named by the alias or the function.
ROW_CLASSES = (
    exp.ExplodingGenerateSeries,
    exp.Explode,
    exp.ExplodeOuter,
    exp.Posexplode,
    exp.PosexplodeOuter,
    exp.Inline,
    exp.UDTF,
)
ROW_FUNCTIONS: dict[str, tuple[str, ...]] = {
    "generate_series": (),
    "generate_subscripts": (),
    "unnest": (),
    "json_array_elements": ("value",),
    "json_array_elements_text": ("value",),
    "json_each": ("key", "value"),
    "json_each_text": ("key", "value"),
    "json_object_keys": (),
    "jsonb_array_elements": ("value",),
    "jsonb_array_elements_text": ("value",),
    "jsonb_each": ("key", "value"),
    "jsonb_each_text": ("key", "value"),
    "jsonb_object_keys": (),
    "jsonb_path_query": (),
    "jsonb_path_query_tz": (),
    "regexp_matches": (),
    "regexp_split_to_table": (),
    "string_to_table": (),
    "ts_stat": ("word", "ndoc", "nentry"),
}
# They return rows too. Only an alias names the columns.
RECORD_FUNCTIONS = frozenset(
    {"json_populate_recordset", "json_to_recordset", "jsonb_populate_recordset", "jsonb_to_recordset"}
)


def function_name(node: exp.Expr) -> str:
    """The name of a function that sqlglot has no class for, in lower case; empty for anything else."""
    return node.name.lower() if isinstance(node, exp.Anonymous) else ""


def is_aggregate(node: exp.Expr, in_postgres: bool) -> bool:
    """Whether a function gives one value for several rows.

    Args:
        node: the function.
        in_postgres: whether it is one of PostgreSQL's.
    """
    if isinstance(node, (*NOT_AGGREGATES, exp.Grouping, exp.GroupingId)) or function_name(node) == "grouping":
        return False
    if isinstance(node, exp.Anonymous):
        # Only an aggregate takes DISTINCT or ORDER BY.
        takes_rows = any(isinstance(part, (exp.Order, exp.Distinct)) for part in node.expressions)
        name = node.name.lower()
        return takes_rows or name in AGGREGATES or (not in_postgres and name in AGGREGATES_ELSEWHERE)
    return isinstance(node, (exp.AggFunc, exp.JSONObjectAgg, exp.JSONBObjectAgg))


def takes_condition(name: str) -> bool:
    """Whether one of ClickHouse's aggregates with combinators takes a condition: ``sumIf``, ``avgIfState``."""
    return bool(re.search(r"[a-z]If((State|Merge|OrNull|OrDefault|Array|Distinct)*)$", name))


def gives_rows(node: exp.Expr) -> bool:
    """Whether a function gives several rows for one."""
    name = function_name(node)
    # VALUES is a query here, if sqlglot counts it among the functions that give rows.
    is_class = isinstance(node, ROW_CLASSES) and not isinstance(node, exp.Values)
    return is_class or name in ROW_FUNCTIONS or name in RECORD_FUNCTIONS


def keeps_rows(node: exp.Expr) -> bool:
    """Whether an aggregate gives rows as it takes them, one of them or all in an array."""
    return isinstance(node, (exp.ArrayAgg, exp.AnyValue, exp.Max, exp.Min)) or function_name(node) in AGGREGATES_OF_ROWS


def keeps_order(node: exp.Expr) -> bool:
    """Whether an aggregate's result depends on the order of the rows that it takes."""
    return isinstance(node, IN_ORDER_CLASSES) or function_name(node) in IN_ORDER
