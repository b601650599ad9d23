"""A dbt project's compiled models, with the columns of their relations."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.manifest.dbt_program import make_artifacts
from dbt_lineage.manifest.graph import Manifest

ColumnsOf = Callable[[Iterable[str]], dict[str, dict[str, str]]]


class CompileError(ExpectedError):
    """dbt could not compile the project, or a file has no compiled models; the message has the reason."""


@dataclass(frozen=True)
class CompiledModel:
    """A model and the SQL that makes it.

    Args:
        unique_id: dbt's name of the model.
        relation: the relation that it makes.
        inputs: the relations that it reads; its own too when its SQL reads it.
        language: sql or python.
        source_digest: sha256 of the model's file as it is written, to notice compiled SQL of an older one.
        code: the compiled code.
    """

    unique_id: str
    relation: str
    inputs: tuple[str, ...]
    language: str
    source_digest: str
    code: str


@dataclass(frozen=True)
class Project:
    """The compiled models of a project.

    Args:
        dialect: dbt's name of the adapter.
        models: the models, by relation.
        columns: the columns and types, in order, of every relation that was there.
    """

    dialect: str
    models: dict[str, CompiledModel]
    columns: dict[str, dict[str, str]]

    @classmethod
    def load(cls, path: Path) -> "Project":
        """Read what ``write`` wrote.

        Raises:
            CompileError: the file is missing or of another form.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            models = [CompiledModel(**{**model, "inputs": tuple(model["inputs"])}) for model in content["models"]]
            return cls(content["dialect"], {model.relation: model for model in models}, content["columns"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CompileError(f"{path} holds no compiled models: {error!r}") from None

    def write(self, path: Path) -> None:
        """Write the project as JSON that does not change unless the project does."""
        models = [asdict(self.models[relation]) for relation in sorted(self.models)]
        content = {"dialect": self.dialect, "models": models, "columns": dict(sorted(self.columns.items()))}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def compiled(dbt: DbtSettings, columns_of: ColumnsOf) -> Project:
    """Compile a dbt project against the warehouse as it is now.

    Args:
        dbt: the project.
        columns_of: gives the columns of relations.

    Raises:
        CompileError: dbt could not compile.
        DbtProgramError: there is no dbt to run.
        WarehouseError: the columns could not be read.
    """
    with tempfile.TemporaryDirectory() as target:
        make_artifacts(dbt, "compile", Path(target), CompileError)
        manifest = Manifest.load(Path(target) / "manifest.json")
    models = {model.relation: model for model in _models(manifest)}
    relations = {relation for model in models.values() for relation in (model.relation, *model.inputs)}
    return Project(manifest.content["metadata"]["adapter_type"], models, columns_of(relations))


def _models(manifest: Manifest) -> Iterable[CompiledModel]:
    edges = manifest.edges()
    for unique_id in manifest.models:
        node = manifest.content["nodes"][unique_id]
        relation = manifest.relation(unique_id)
        inputs = {edge.upstream for edge in edges if edge.downstream == relation} | set(_itself(node, relation))
        yield CompiledModel(
            unique_id=unique_id,
            relation=relation,
            inputs=tuple(sorted(inputs)),
            language=node["language"],
            source_digest=hashlib.sha256(node["raw_code"].encode()).hexdigest(),
            code=node["compiled_code"],
        )


def _itself(node: dict[str, Any], relation: str) -> Iterable[str]:
    """An incremental model may read what it wrote before."""
    return [relation] if node["config"]["materialized"] == "incremental" else []
