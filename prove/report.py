"""build/proof.json, and the same for people."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dbt_lineage.columns.model import Column
from prove.observations import GRADES
from prove.review import Review
from prove.run import Evidence
from prove.verdict import Finding, Verdict, sorted_findings

_SHOWN = (
    *("columns", "edges_claimed", "dataset_edges_claimed", "edges_observed", "edges_observed_from_roots"),
    *("recall", "recall_from_roots", "precision_direct", "trials", "seconds"),
    *("edges_proved", "edges_wrong", "edges_not_shown"),
)
# So many of each reason are named; the file has all.
NAMED = 3


def content(verdict: Verdict, evidence: Evidence, review: Review, circumstances: dict[str, Any]) -> dict[str, Any]:
    """The content of the file.

    Args:
        verdict: claims against data.
        evidence: what the data showed.
        review: the project's explanations of edges that no data shows.
        circumstances: seed, seconds, machine and so on.
    """
    observations = [seen for _, seen in evidence.observed]
    unexplained = [(finding, review.reason(finding)) for finding in sorted_findings(verdict.unexplained)]
    wrong = {finding for finding, explanation in unexplained if not explanation} | {*verdict.recall_errors.values()}
    everything = [*observations, *evidence.chains]
    return {
        "columns": len(verdict.columns),
        "edges_claimed": len(verdict.claimed),
        "edges_claimed_direct": len(verdict.direct),
        "dataset_edges_claimed": len(verdict.dataset_claimed),
        "edges_observed": len(verdict.observed),
        "edges_observed_by_grade": {
            grade: sum(seen == grade for seen in verdict.observed.values()) for grade in reversed(GRADES)
        },
        "edges_observed_as_keys": len(verdict.keys),
        "edges_observed_of_itself": len(verdict.self_edges),
        "recall": round(verdict.recall, 4),
        "precision_direct": round(verdict.precision_direct, 4),
        "edges_observed_from_roots": len(verdict.from_roots),
        "recall_from_roots": round(verdict.recall_from_roots, 4),
        "recall_errors_from_roots": _edges(verdict.from_roots_unclaimed),
        "from_roots_unseen": _edges(verdict.from_roots_unseen),
        "recall_errors": [_finding(finding) for finding in sorted_findings(verdict.recall_errors)],
        "edges_proved": len(verdict.proved),
        "proved": _edges(verdict.proved),
        "edges_wrong": len({(each.source, each.target) for each in wrong} | verdict.from_roots_unclaimed),
        "edges_not_shown": len(verdict.not_shown),
        "not_shown_by_reason": dict(Counter(finding.reason for finding in verdict.not_shown.values()).most_common()),
        "not_shown": [_finding(finding) for finding in sorted_findings(verdict.not_shown)],
        "unexplained": [_finding(finding) for finding, explanation in unexplained if not explanation],
        "explained": [
            {**_finding(finding), "explanation": explanation} for finding, explanation in unexplained if explanation
        ],
        "explanations_unused": review.unused([*verdict.unexplained.values(), *verdict.not_shown.values()]),
        "indirect_unseen": _edges(verdict.indirect_unseen),
        "not_judged": _edges(verdict.not_judged),
        "unresolved": sorted(verdict.unresolved),
        "unproved": evidence.unproved,
        "empty_relations": sorted({name for seen in observations for name in seen.empty}),
        "unstable_columns": sorted(f"{seen.relation}.{name}" for seen in observations for name in seen.unstable),
        "statements": len(observations),
        "kept_from_earlier_runs": evidence.kept,
        "trials": sum(seen.trials for seen in everything),
        "trials_refused": sum(len(trials) for seen in everything for trials in seen.failed.values()),
        "trial_seconds": round(sum(seen.seconds for seen in everything), 1),
        **circumstances,
    }


def write(file: Path, proof: dict[str, Any]) -> None:
    """Write the file, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps(proof, indent=2) + "\n", encoding="utf-8")
    new.replace(file)


def show(proof: dict[str, Any], console: Console) -> None:
    """Print the figures, everything that is wrong, and of what the rows do not show the first of each reason."""
    table = Table("", "seen", title="column lineage against the data")
    for name in _SHOWN:
        table.add_row(name, str(proof[name]))
    console.print(table)
    for name in ("recall_errors", "unexplained"):
        for finding in proof[name]:
            claimed = ", ".join(finding["claimed"]) or "nothing"
            _say(
                console,
                name,
                f"{finding['source']} -> {finding['target']}: {finding['reason']}; claimed: {claimed};"
                f" seen: {finding['seen'] or 'never'} ({', '.join(finding['trials'][:3])})",
            )
    for edge in proof["recall_errors_from_roots"]:
        _say(console, "recall_errors_from_roots", f"no claimed edges lead from {edge}")
    for gap in proof["unresolved"]:
        _say(console, "unresolved", gap)
    for reason, count in proof["not_shown_by_reason"].items():
        edges = [f"{each['source']} -> {each['target']}" for each in proof["not_shown"] if each["reason"] == reason]
        more = f" and {count - NAMED} more" if count > NAMED else ""
        _say(console, "not shown by these rows", f"{count}, {reason}: {', '.join(edges[:NAMED])}{more}", "yellow")
    for entry in proof["explanations_unused"]:
        _say(console, "explains nothing any more", entry, "yellow")


def _say(console: Console, name: str, what: str, colour: str = "red") -> None:
    """Print a finding, with names of columns and models unchanged."""
    console.print(Text.assemble((name, colour), f": {what}"), soft_wrap=True)


def holds(proof: dict[str, Any]) -> bool:
    """Whether everything seen is claimed, and what is claimed is seen, explained, or such as no row can show."""
    return not any(proof[name] for name in ("recall_errors", "recall_errors_from_roots", "unexplained"))


def _edges(edges: Iterable[tuple[Column, Column]]) -> list[str]:
    return [f"{source} -> {target}" for source, target in sorted(edges)]


def _finding(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "source": str(finding.source), "target": str(finding.target)}
