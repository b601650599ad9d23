"""The dbt manifest as a lineage graph: which relations there should be, and which is made from which."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.warehouse.naming import ONLY_DATABASE, Adapter, adapter_of_type

BUILT = ("model", "snapshot")


class ManifestError(ExpectedError):
    """The manifest is missing or is not one; the message names the file and how to make it."""


class Place(NamedTuple):
    """Where a relation is, as dbt spells it."""

    database: str
    schema: str
    name: str

    def __str__(self) -> str:
        return ".".join(self)


class Edge(NamedTuple):
    """One relation is made from another; both as ``Manifest.named`` calls them."""

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
        """Read a manifest.json, once as long as it does not change: that of 1,000 models takes 0.2 s.

        Raises:
            ManifestError: the file is missing or is not a manifest.
        """
        try:
            found = path.stat()
        except FileNotFoundError:
            raise ManifestError(
                f"{path} is missing: make it with `dbt-lineage manifest` (`make manifest` in a checkout)"
            ) from None
        return cls(_content(path, found.st_ino, found.st_mtime_ns, found.st_size))

    @property
    def models(self) -> list[str]:
        """Unique ids of the models that the project builds and that leave a relation in the warehouse."""
        return [
            key
            for key, node in self.content["nodes"].items()
            if key.startswith("model.") and _leaves_relation(node) and not is_external(node)
        ]

    @property
    def seeds(self) -> list[str]:
        """Unique ids of the seeds."""
        return [key for key in self.content["nodes"] if key.startswith("seed.")]

    @property
    def ephemeral(self) -> frozenset[str]:
        """Unique ids of the models that leave nothing in the warehouse: they are part of the SQL of others."""
        return frozenset(key for key, node in self.content["nodes"].items() if not _leaves_relation(node))

    @property
    def external(self) -> frozenset[str]:
        """Unique ids of the models of other dbt projects: to this one they are what sources are."""
        return frozenset(key for key, node in self.content["nodes"].items() if is_external(node))

    @property
    def final_models(self) -> list[str]:
        """Unique ids of the models that no other model is made from."""
        parents = {parent for model in self.models for parent in self._parents(model)}
        return [model for model in self.models if model not in parents]

    @property
    def dashboard_models(self) -> list[str]:
        """Unique ids of the models that dashboards show, as the project's exposures say."""
        exposures = [each for each in self.content.get("exposures", {}).values() if each["type"] == "dashboard"]
        shown = {parent for exposure in exposures for parent in exposure["depends_on"]["nodes"]}
        return [model for model in self.models if model in shown]

    def tests(self) -> dict[str, list[str]]:
        """Unique ids of the data tests and unit tests of each model.

        A generic test belongs to the node that it is attached to, any other to all that it reads.
        """
        tests: dict[str, list[str]] = {}
        for unique_id, parents in self.content["parent_map"].items():
            if unique_id.startswith(("test.", "unit_test.")):
                attached = self.content["nodes"].get(unique_id, {}).get("attached_node")
                for model in [attached] if attached else parents:
                    tests.setdefault(model, []).append(unique_id)
        return tests

    def address(self, unique_id: str) -> str:
        """``database.schema.table`` of a node or source, as dbt writes it."""
        return str(_place(self._node(unique_id)))

    def relation(self, unique_id: str) -> str:
        """What the relation of a node or source is called here."""
        return self.named(str(self._kept(unique_id)))

    def named(self, name: str) -> str:
        """What a relation is called here: its name in lower case, unless another one has the same but for case.

        dbt does not quote everywhere, so the warehouse may spell a relation otherwise than the manifest. Where the
        project has two relations that differ in case alone, each has its own spelling. One that differs in case alone
        from a relation that dbt quotes is not the project's: it stands in quotes.

        Args:
            name: ``database.schema.table``, as the manifest, an event or the warehouse spells it; each part as the
                warehouse keeps it.
        """
        folded = name.lower()
        spelled = self._spelled.get(folded, {})
        database, _, rest = name.partition(".")
        if rest in spelled:
            return f"{database.lower()}.{rest}" if len(spelled) > 1 else folded
        return f'"{name}"' if any(spelled.values()) else folded

    @cached_property
    def _spelled(self) -> dict[str, dict[str, bool]]:
        """By its name in lower case, how dbt spells ``schema.table`` of a relation, and whether it quotes that."""
        found: dict[str, dict[str, bool]] = {}
        for unique_id in self._relation_ids():
            as_dbt_has_it = _place(self._node(unique_id))
            name = self.adapter.quoted(as_dbt_has_it.schema, as_dbt_has_it.name)
            is_quoted = str(self._node(unique_id).get("relation_name") or "").endswith(name)
            quoted = is_quoted and self.adapter.is_case_sensitive
            place = self._kept(unique_id)
            found.setdefault(str(place).lower(), {})[f"{place.schema}.{place.name}"] = quoted
        return found

    def _node(self, unique_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.content["sources"].get(unique_id) or self.content["nodes"][unique_id]
        return found

    def _kept(self, unique_id: str) -> Place:
        """Where a relation is, as the warehouse keeps its name."""
        return self._kept_place(_place(self._node(unique_id)))

    def _kept_place(self, place: Place) -> Place:
        return Place(*map(self.adapter.kept, place))

    def _relation_ids(self) -> Iterator[str]:
        """Unique ids of everything that the project reads or builds."""
        for unique_id, node in self.content["nodes"].items():
            if unique_id.startswith(("model.", "seed.", "snapshot.")) and _leaves_relation(node):
                yield unique_id
        yield from self.content["sources"]

    def places(self) -> dict[str, Place]:
        """Where each relation is that the project reads or builds, as the warehouse keeps it, by what it is called here."""
        return {self.relation(unique_id): self._kept(unique_id) for unique_id in self._relation_ids()}

    @property
    def adapter(self) -> Adapter:
        """The naming rules of the manifest's adapter."""
        return adapter_of_type(self.content.get("metadata", {}).get("adapter_type"))

    @property
    def project(self) -> str:
        """Name of the dbt project."""
        return self.content["metadata"]["project_name"]

    @property
    def made_at(self) -> datetime:
        """When dbt made it."""
        return datetime.fromisoformat(self.content["metadata"]["generated_at"].replace("Z", "+00:00"))

    @property
    def nodes(self) -> frozenset[str]:
        """Unique ids of the models, seeds and snapshots of the project."""
        return frozenset(
            key
            for key, node in self.content["nodes"].items()
            if key.startswith(("model.", "seed.", "snapshot.")) and not is_external(node)
        )

    @property
    def snapshots(self) -> list[str]:
        """Unique ids of the snapshots."""
        return [key for key in self.content["nodes"] if key.startswith("snapshot.")]

    def built_relations(self) -> frozenset[str]:
        """Every relation that the project builds."""
        return frozenset(self.relation(unique_id) for unique_id in [*self.models, *self.seeds, *self.snapshots])

    def relations(self) -> frozenset[str]:
        """Every relation that the project reads or builds."""
        return self.built_relations() | self.read_relations()

    def read_relations(self) -> frozenset[str]:
        """Every relation that the project reads and does not build: its sources, and models of other projects."""
        read = {self.relation(unique_id) for unique_id in [*self.content["sources"], *self.external]}
        return frozenset(read - self.built_relations())

    def meta(self, unique_id: str) -> dict[str, Any]:
        """The ``meta`` of a node, from its ``config`` or, as older versions of dbt have it, beside that."""
        node = self.content["nodes"][unique_id]
        return {**(node.get("meta") or {}), **(node["config"].get("meta") or {})}

    def edges(self) -> frozenset[Edge]:
        """Every edge between relations that a full run makes; ephemeral models are seen through."""
        return frozenset(
            Edge(self.relation(parent), self.relation(unique_id))
            for unique_id, node in self.content["nodes"].items()
            if unique_id.startswith(BUILT) and _leaves_relation(node) and not is_external(node)
            for parent in self._parents(unique_id)
        )

    def schemas(self) -> frozenset[str]:
        """``database.schema``, in lower case, of everything the project reads and builds."""
        return frozenset(
            f"{place.database}.{place.schema}".lower() for place in map(self._kept_place, self._places_of_schemas())
        )

    def schema_names(self) -> frozenset[str]:
        """The schemas of everything the project reads and builds, as dbt spells them and the warehouse keeps them."""
        return frozenset(place.schema for place in map(self._kept_place, self._places_of_schemas()))

    def _places_of_schemas(self) -> Iterator[Place]:
        nodes = (node for node in self.content["nodes"].values() if node["resource_type"] in (*BUILT, "seed"))
        yield from map(_place, (*nodes, *self.content["sources"].values()))

    def in_relations(self) -> dict[str, Any]:
        """The manifest's content in terms of relations that are in the warehouse.

        Each ephemeral parent is replaced by what it is itself made from, a test on an ephemeral model is attached to
        nothing, and a source goes by its identifier.
        """
        return {
            **self.content,
            "nodes": {key: self._attached_to_relation(node) for key, node in self.content["nodes"].items()},
            "sources": {
                key: {**source, "name": source["identifier"]} for key, source in self.content["sources"].items()
            },
            "parent_map": {key: list(dict.fromkeys(self._parents(key))) for key in self.content["parent_map"]},
        }

    def _attached_to_relation(self, node: dict[str, Any]) -> dict[str, Any]:
        attached = self.content["nodes"].get(node.get("attached_node"))
        if attached is None or _leaves_relation(attached):
            return node
        return {**node, "attached_node": None}

    def _parents(self, unique_id: str) -> Iterator[str]:
        for parent in self.content["parent_map"].get(unique_id, []):
            node = self.content["nodes"].get(parent)
            if node is not None and not _leaves_relation(node):
                yield from self._parents(parent)
            elif node is not None or parent in self.content["sources"]:
                yield parent


def is_external(node: dict[str, Any]) -> bool:
    """Whether a model is one of another dbt project, which this one reads: it has no file here.

    So dbt itself tells them apart (``ModelNode.is_external_node``). Plugins such as dbt-loom add them.
    """
    return node.get("original_file_path") == "" and node.get("path") == ""


def is_microbatch(node: dict[str, Any]) -> bool:
    """Whether dbt builds a node in batches."""
    config = node.get("config", {})
    return config.get("materialized") == "incremental" and config.get("incremental_strategy") == "microbatch"


@lru_cache(maxsize=32)
def _content(path: Path, *state: int) -> dict[str, Any]:
    """What a manifest.json holds. Raises ManifestError.

    Args:
        path: the file.
        state: what of the file changes when it does.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ManifestError(f"{path} is not a dbt manifest: {error}") from None
    if not isinstance(content, dict) or not {"nodes", "sources", "parent_map"} <= content.keys():
        raise ManifestError(f"{path} is not a dbt manifest: it has no nodes and parent_map")
    return content


def _place(node: dict[str, Any]) -> Place:
    """Where the relation of a node or source is."""
    return Place(
        node["database"] or ONLY_DATABASE, node["schema"], node["identifier" if "identifier" in node else "alias"]
    )


def _leaves_relation(node: dict[str, Any]) -> bool:
    return node["config"].get("materialized") != "ephemeral"
