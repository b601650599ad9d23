"""The graph of dbt-jaffle-shop, written down by hand from its SQL: what the tests expect, whatever the code finds."""

from dbt_lineage.manifest.graph import Edge

DATABASE = "jaffle_db"
SCHEMA = f"{DATABASE}.jaffle_shop_dev"
RAW = f"{DATABASE}.jaffle_shop_dev_raw"

# Each model and what its SQL selects from.
MODELS: dict[str, tuple[str, ...]] = {
    "stg_customers": (f"{RAW}.raw_customers",),
    "stg_locations": (f"{RAW}.raw_stores",),
    "stg_order_items": (f"{RAW}.raw_items",),
    "stg_orders": (f"{RAW}.raw_orders",),
    "stg_products": (f"{RAW}.raw_products",),
    "stg_supplies": (f"{RAW}.raw_supplies",),
    "customers": (f"{SCHEMA}.stg_customers",),
    "locations": (f"{SCHEMA}.stg_locations", f"{SCHEMA}.store_locations"),
    "order_items": (f"{SCHEMA}.stg_order_items",),
    "orders": (f"{SCHEMA}.stg_orders",),
    "products": (f"{SCHEMA}.stg_products",),
    "supplies": (f"{SCHEMA}.stg_supplies",),
    "customer_lifetime_value": (f"{SCHEMA}.customers", f"{SCHEMA}.orders"),
    "geographic_performance": (f"{SCHEMA}.locations", f"{SCHEMA}.orders", f"{SCHEMA}.order_items"),
    "monthly_business_summary": (f"{SCHEMA}.orders", f"{SCHEMA}.order_items"),
}
FINAL_MODELS = frozenset(
    {"products", "supplies", "customer_lifetime_value", "geographic_performance", "monthly_business_summary"}
)
SEEDS = frozenset(
    {
        *("raw_customers", "raw_items", "raw_orders", "raw_products", "raw_stores", "raw_supplies"),
        "store_locations",
    }
)
EDGES = frozenset(Edge(upstream, f"{SCHEMA}.{model}") for model, upstreams in MODELS.items() for upstream in upstreams)


def model_id(name: str) -> str:
    """The unique id, in dbt, of a model of the project."""
    return f"model.jaffle_shop.{name}"
