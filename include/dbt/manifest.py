"""The dbt manifest as a lineage graph: which relations there should be, and which is made from which."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

BUILT = ("model", "snapshot")


class ManifestError(RuntimeError):
    """The manifest is missing or is not one; the message names the file and how to make it."""


class Edge(NamedTuple):
    """One relation is made from another; both named ``database.schema.table`` in lower case."""

    upstream: str
    downstream: str

    def __str__(self) -> str:
        return f"{self.upstream} -> {self.downstream}"


class Manifest:
    """A dbt manifest.

    Args:
        content: the parsed manifest.json, schema v12 (https://schemas.getdbt.com/dbt/manifest/v12.json).
    """

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    @classmethod
    def load(cls, path: Path) -> "Manifest":
        """Read a manifest.json.

        Raises:
            ManifestError: the file is missing or is not a manifest.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ManifestError(f"{path} is missing: make it with `make manifest`") from None
        except json.JSONDecodeError as error:
            raise ManifestError(f"{path} is not a dbt manifest: {error}") from None
        if "nodes" not in content or "parent_map" not in content:
            raise ManifestError(f"{path} is not a dbt manifest: it has no nodes and parent_map")
        return cls(content)

    @property
    def models(self) -> list[str]:
        """Unique ids of the models that leave a relation in the warehouse."""
        return [
            key for key, node in self.content["nodes"].items() if key.startswith("model.") and _leaves_relation(node)
        ]

    @property
    def final_models(self) -> list[str]:
        """Unique ids of the models that no other model is made from."""
        parents = {parent for model in self.models for parent in self._parents(model)}
        return [model for model in self.models if model not in parents]

    def relation(self, unique_id: str) -> str:
        """``database.schema.table`` of a node or source, in lower case as the catalogue names it."""
        if unique_id in self.content["sources"]:
            node = self.content["sources"][unique_id]
            table = node["identifier"]
        else:
            node = self.content["nodes"][unique_id]
            table = node["alias"]
        return f"{node['database']}.{node['schema']}.{table}".lower()

    def edges(self) -> frozenset[Edge]:
        """Every edge between relations that a full run makes; ephemeral models are seen through."""
        return frozenset(
            Edge(self.relation(parent), self.relation(unique_id))
            for unique_id, node in self.content["nodes"].items()
            if unique_id.startswith(BUILT) and _leaves_relation(node)
            for parent in self._parents(unique_id)
        )

    def schemas(self) -> frozenset[str]:
        """``database.schema``, in lower case, of everything the project reads and builds."""
        nodes = [key for key, node in self.content["nodes"].items() if node["resource_type"] in (*BUILT, "seed")]
        return frozenset(self.relation(key).rsplit(".", 1)[0] for key in [*nodes, *self.content["sources"]])

    def with_ephemeral_resolved(self) -> dict[str, Any]:
        """The manifest's content with each ephemeral parent replaced by what it is itself made from."""
        parent_map = {
            unique_id: list(dict.fromkeys(self._parents(unique_id))) for unique_id in self.content["parent_map"]
        }
        return {**self.content, "parent_map": parent_map}

    def _parents(self, unique_id: str) -> Iterator[str]:
        for parent in self.content["parent_map"].get(unique_id, []):
            node = self.content["nodes"].get(parent)
            if node is not None and not _leaves_relation(node):
                yield from self._parents(parent)
            elif node is not None or parent in self.content["sources"]:
                yield parent


def _leaves_relation(node: dict[str, Any]) -> bool:
    return node["config"].get("materialized") != "ephemeral"
