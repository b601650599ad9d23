"""Tells dbt of a model of another dbt project, as dbt-loom does: dbt loads every module on its path named ``dbt_…``."""

from dbt.contracts.graph.node_args import ModelNodeArgs
from dbt.plugins.manager import dbt_hook, dbtPlugin
from dbt.plugins.manifest import PluginNodes


class Elsewhere(dbtPlugin):
    """The other project."""

    @dbt_hook
    def get_nodes(self) -> PluginNodes:
        """Its public model."""
        nodes = PluginNodes()
        nodes.add_model(
            ModelNodeArgs(
                name="shared",
                package_name="elsewhere",
                identifier="shared",
                schema="elsewhere",
                database="jaffle_db",
                relation_name='"jaffle_db"."elsewhere"."shared"',
                access="public",
            )
        )
        return nodes


plugins = [Elsewhere]
