"""Which table of the warehouse a dataset is on, by name and schema."""

import re
from collections.abc import Callable
from typing import NamedTuple

from dbt_lineage.dashboards.files import AssetsError, Content, TableNotMade
from dbt_lineage.manifest.graph import Manifest

# "Sales", `Sales` or sales.
_NAME = re.compile(r'"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|([^"`.]+)')


class Table(NamedTuple):
    """A table as it is spelled in the warehouse."""

    database: str
    schema: str
    name: str

    @property
    def relation(self) -> str:
        """``database.schema.table`` in lower case, as the catalogue names it."""
        return ".".join(self).lower()


class Tables:
    """The tables of a dbt project: what it builds and, after that, what it reads.

    Args:
        manifest: of the project.
    """

    def __init__(self, manifest: Manifest) -> None:
        nodes, sources = manifest.content["nodes"], manifest.content["sources"]
        folded = manifest.adapter.folded
        built = {_spelled(nodes[each], folded) for each in [*manifest.models, *manifest.seeds, *manifest.snapshots]}
        self._groups = (built, {_spelled(source, folded) for source in sources.values()})

    def of(self, path: str, dataset: Content) -> Table:
        """The table of a dataset.

        Args:
            path: its file, for the message of an error.
            dataset: its content. If tables of several schemas have the name, its ``schema`` decides.

        Raises:
            TableNotMade: there is none.
            AssetsError: there are several.
        """
        name, schema = dataset["table_name"], dataset.get("schema")
        for tables in self._groups:
            found = sorted(table for table in tables if table.name == name and schema in (None, "", table.schema))
            if len(found) > 1:
                schemas = ", ".join(table.schema for table in found)
                raise AssetsError(
                    f"{path}: table_name: {name} is in the schemas {schemas}: say which by the field `schema`"
                )
            if found:
                return found[0]
        where = f"{schema}.{name}" if schema else name
        raise TableNotMade(f"{path}: table_name: the dbt project makes no table {where}{self._hint(name)}")

    def _hint(self, name: str) -> str:
        alike = sorted({table for tables in self._groups for table in tables if table.name.lower() == name.lower()})
        said = ", ".join(f"{table.schema}.{table.name}" for table in alike)
        return f", but {said}, as it is spelled in the warehouse" if said else ""


def _spelled(node: Content, folded: Callable[[str], str]) -> Table:
    """The table of a node or source; ``folded`` converts a name without quotes as the warehouse does."""
    names = [
        quoted.replace('""', '"') or ticked.replace("``", "`") or folded(bare)
        for quoted, ticked, bare in _NAME.findall(node.get("relation_name") or "")
    ]
    if len(names) == 3:
        return Table(*names)
    return Table(node["database"], node["schema"], node.get("identifier") or node["alias"])
