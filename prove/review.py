"""The file that explains DIRECT edges which no change of data shows."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from prove.relations import ProveError
from prove.verdict import Finding


class Review:
    """A project's explanations of edges that the data does not show.

    Args:
        explained: reasons, by source and target. Either is named as far as needed: ``orders.amount``, or with schema
            and database before.
    """

    def __init__(self, explained: dict[tuple[str, str], str]) -> None:
        self._explained = explained

    @classmethod
    def load(cls, file: Path) -> "Review":
        """Read the file: a list of ``edge`` (``source -> target``) and ``reason``; no file explains nothing.

        Raises:
            ProveError: the file is no list in YAML, or an entry has another shape or no reason; it is named.
        """
        if not file.exists():
            return cls({})
        explained = {}
        try:
            entries = yaml.safe_load(file.read_text(encoding="utf-8")) or []
        except (UnicodeDecodeError, yaml.YAMLError) as error:
            raise ProveError(f"{file} is not YAML: {' '.join(str(error).split())}") from None
        if not isinstance(entries, list):
            raise ProveError(f"{file} is no list of edges, each with a reason")
        for entry in entries:
            source, arrow, target = str(entry.get("edge", "") if isinstance(entry, dict) else "").partition(" -> ")
            if not arrow or not str(entry.get("reason") or "").strip():
                raise ProveError(f"{file}: {entry} is not an edge 'source -> target' with a reason")
            explained[(source.strip(), target.strip())] = str(entry["reason"]).strip()
        return cls(explained)

    def reason(self, finding: Finding) -> str | None:
        """Why an edge is right although the data does not show it; None without an explanation."""
        for (source, target), reason in self._explained.items():
            if _names(source, str(finding.source)) and _names(target, str(finding.target)):
                return reason
        return None

    def unused(self, findings: Iterable[Finding]) -> list[str]:
        """Entries that explain nothing any more."""
        found = list(findings)
        return [
            f"{source} -> {target}"
            for source, target in self._explained
            if not any(_names(source, str(one.source)) and _names(target, str(one.target)) for one in found)
        ]


def _names(short: str, full: str) -> bool:
    return full == short or full.endswith(f".{short}")
