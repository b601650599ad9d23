"""Read a dbt run: live from its messages, or afterwards from its artifacts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.events.dbt_messages import Message
from dbt_lineage.manifest.graph import Manifest, is_microbatch

# The commands that build or test relations. `retry` counts as the command that it repeats.
BUILDING = (
    "build",
    "run",
    "seed",
    "snapshot",
    "test",
)
# Options of dbt for an empty run and for a sample. A project's own configuration cannot set them.
_READING_PART = ("empty", "sample")
# How dbt names the file of a microbatch, by batch size.
_BATCH_SUFFIXES = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H"}


class ArtifactsError(ExpectedError):
    """The artifacts of a dbt run are missing or do not belong together."""


@dataclass(frozen=True)
class DbtRun:
    """One dbt invocation.

    Args:
        project_dir: the dbt project that it ran in.
        profiles_dir: folder of profiles.yml.
        target: the profile's target that was built.
        command: dbt's command, such as ``build``.
        full_refresh: whether incremental models are rebuilt (``--full-refresh``).
        manifest: manifest.json of the invocation.
        reads_part: whether it reads no rows (``--empty``) or a sample (``--sample``).
        deferred_to: the manifest of another environment, from which ``--defer`` reads unbuilt models; None without it.
    """

    project_dir: Path
    profiles_dir: Path
    target: str
    command: str
    full_refresh: bool
    manifest: Manifest
    reads_part: bool = False
    deferred_to: Manifest | None = None

    @property
    def builds(self) -> bool:
        """Whether it builds or tests relations from all of their data."""
        return self.command in BUILDING and not self.reads_part

    @property
    def invocation_id(self) -> str:
        """Id that dbt gave the invocation."""
        return self.manifest.content["metadata"]["invocation_id"]

    @property
    def dbt_version(self) -> str:
        """Version of dbt that ran."""
        return self.manifest.content["metadata"]["dbt_version"]


@dataclass(frozen=True)
class NodeResult:
    """How one dbt node ended.

    Args:
        unique_id: dbt's name of the node.
        status: dbt's status: success, error, pass, fail, warn, skipped and so on.
        started_at: when it started, UTC.
        ended_at: when it ended, UTC.
        message: dbt's message, such as the database's error.
        failures: number of rows that a data test found; None when the test has no result, and for any other node.
        compiled_sql: the SQL that was run; None where dbt does not keep it.
    """

    unique_id: str
    status: str
    started_at: datetime
    ended_at: datetime
    message: str | None
    failures: int | None
    compiled_sql: str | None


def load_artifacts(project_dir: Path, profiles_dir: Path, target: str) -> tuple[DbtRun, list[NodeResult]]:
    """Read the artifacts of an ended run from ``project_dir/target``.

    Raises:
        ManifestError: there is no manifest.
        ArtifactsError: there are no run results, or they belong to another invocation than the manifest.
    """
    folder = project_dir / "target"
    manifest = Manifest.load(folder / "manifest.json")
    results = run_results(folder)
    if results is None:
        raise ArtifactsError(f"dbt left no run_results.json in {folder}: it ended before it ran a node")
    args = results["args"]
    run = DbtRun(
        project_dir=project_dir,
        profiles_dir=profiles_dir,
        target=target,
        command=args["which"],
        full_refresh=bool(args.get("full_refresh")),
        manifest=manifest,
        reads_part=reads_part(args),
        deferred_to=_deferred_to(args),
    )
    require_invocation(run, results["metadata"]["invocation_id"])
    return run, list(results_of(run, results))


def last_invocation(project_dir: Path) -> str | None:
    """Id of the invocation whose run_results.json is in ``project_dir/target``; None when there is none."""
    results = run_results(project_dir / "target")
    return None if results is None else results["metadata"]["invocation_id"]


def run_results(folder: Path) -> dict[str, Any] | None:
    """The run_results.json of a folder, parsed; None when there is none."""
    try:
        return json.loads((folder / "run_results.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def reads_part(args: Mapping[str, Any]) -> bool:
    """Whether a run with these arguments of dbt reads no rows (``empty``) or a sample (``sample``)."""
    return any(args.get(name) for name in _READING_PART)


def may_read_part(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether a run that begins may read no rows or a sample. Its artifacts record whether it did.

    Args:
        command: dbt's command line.
        environment: its variables.
    """
    return any(f"--{name}" in command for name in _READING_PART) or any(
        environment.get(f"{prefix}{name.upper()}") for name in _READING_PART for prefix in ("DBT_", "DBT_ENGINE_")
    )


def require_invocation(run: DbtRun, invocation_id: str) -> None:
    """Make sure that the manifest belongs to this invocation, and not to an earlier one.

    Raises:
        ArtifactsError: it belongs to another invocation.
    """
    if run.invocation_id != invocation_id:
        raise ArtifactsError(
            f"the artifacts in {run.project_dir / 'target'} are of different invocations: the manifest is of "
            f"{run.invocation_id}, the results are of {invocation_id}"
        )


def results_of(run: DbtRun, left: dict[str, Any]) -> Iterator[NodeResult]:
    """The entries of a parsed run_results.json, schema v6 (https://schemas.getdbt.com/dbt/run-results/v6.json)."""
    for result in left["results"]:
        # A node that dbt never started has no times of its own.
        timings = result["timing"] or [
            {
                "started_at": left["metadata"]["generated_at"],
                "completed_at": left["metadata"]["generated_at"],
            }
        ]
        yield NodeResult(
            unique_id=result["unique_id"],
            status=result["status"],
            started_at=_instant(timings[0]["started_at"]),
            ended_at=_instant(timings[-1]["completed_at"]),
            message=result["message"],
            failures=result.get("failures"),
            compiled_sql=_kept_sql(run, result),
        )


def live_result(run: DbtRun, message: Message) -> NodeResult | None:
    """How a node ended, by dbt's NodeFinished message.

    Args:
        run: the invocation under way, with the manifest that dbt wrote before it ran the first node.
        message: the message.

    Returns:
        The result; None when the message does not have all of it. Only the artifacts have

        - a snapshot's SQL;
        - the times of a node that failed before it started;
        - how a microbatch model ended: the messages of its batches look like its own.
    """
    unique_id, end = message.unique_id, message.end
    if end is None or not end.timings or unique_id.startswith("snapshot.") or _is_microbatch(run, unique_id):
        return None
    found_an_answer = unique_id.startswith(("test.", "unit_test.")) and end.status in ("pass", "fail", "warn")
    return NodeResult(
        unique_id=unique_id,
        status=end.status,
        started_at=end.timings[0][0],
        ended_at=end.timings[-1][1],
        message=end.message or None,
        # A message has no null: it has 0 where nothing was counted.
        failures=end.failures if found_an_answer else None,
        compiled_sql=_compiled_sql(run, unique_id),
    )


def _compiled_sql(run: DbtRun, unique_id: str) -> str | None:
    """The SQL that dbt wrote into ``target/compiled`` when it ran the node."""
    node = run.manifest.content["nodes"].get(unique_id)
    return None if node is None else _read(_compiled_file(run, node))


def _kept_sql(run: DbtRun, result: dict[str, Any]) -> str | None:
    """The SQL of a node in the artifacts. For a microbatch model it is that of the last batch, if one succeeded."""
    node = run.manifest.content["nodes"].get(result["unique_id"], {})
    batches = result.get("batch_results") or {}
    for start, _ in sorted(batches.get("successful") or [], reverse=True) or sorted(batches.get("failed") or []):
        file = _compiled_file(run, node)
        suffix = _instant(start).strftime(_BATCH_SUFFIXES[node["config"]["batch_size"]])
        if sql := _read(file.parent / file.stem / f"{file.stem}_{suffix}{file.suffix}"):
            return sql
    return node.get("compiled_code")


def _compiled_file(run: DbtRun, node: dict[str, Any]) -> Path:
    """Where dbt writes the SQL of a node.

    The path is that of ``ParsedNode.get_target_write_path`` in dbt-core. The tests of one file are in a folder of the
    file's name. So are the batches of a model.
    """
    path = Path(node["original_file_path"])
    if Path(node["path"]).name != path.name:
        path /= node["path"]
    return run.project_dir / "target" / "compiled" / node["package_name"] / path


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _is_microbatch(run: DbtRun, unique_id: str) -> bool:
    return is_microbatch(run.manifest.content["nodes"].get(unique_id, {}))


def _deferred_to(args: dict[str, Any]) -> Manifest | None:
    """The manifest that a run deferred to, found by dbt's arguments; None without ``--defer``."""
    state = args.get("defer_state") or args.get("state")
    if not args.get("defer") or not state:
        return None
    return Manifest.load(Path(args["project_dir"]) / state / "manifest.json")


def _instant(timestamp: str) -> datetime:
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
