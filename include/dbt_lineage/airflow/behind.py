"""What is behind a broken model, for mails: models, dashboards and owners, with a link to the lineage page."""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from airflow.configuration import conf
from airflow.sdk.definitions.context import Context

from dbt_lineage.core.projects import Project, projects

# What a message says of nodes begins a line with the node's unique id.
_NODES = re.compile(r"^\s*((?:model|seed|snapshot|test|unit_test)\.[\w.$-]+)", re.MULTILINE)
_NAMED = 10

log = logging.getLogger(__name__)


def named_nodes(message: str) -> list[str]:
    """Dbt's unique ids of the nodes that a message names at the beginning of a line."""
    return list(dict.fromkeys(_NODES.findall(message)))


def behind(project: Project, subjects: Iterable[str]) -> dict[str, str]:
    """What is behind broken nodes, by label; nothing where nothing is.

    Args:
        project: their project.
        subjects: unique ids of nodes or tests, or ids of nodes on the page; others are passed over.
    """
    return _or_nothing(lambda: _behind(project, list(subjects)))


def behind_task(context: Context) -> dict[str, str]:
    """What is behind the nodes that a failed task names, by label; nothing for a DAG that runs no dbt project.

    Args:
        context: of the task.
    """
    return _or_nothing(lambda: _behind_task(context))


def _or_nothing(told: Callable[[], dict[str, str]]) -> dict[str, str]:
    """A mail goes out, whatever keeps it from saying what is behind what broke."""
    try:
        return told()
    except Exception:
        log.exception("the mail does not say what is behind what broke")
        return {}


def _behind_task(context: Context) -> dict[str, str]:
    ti: Any = context["ti"]
    for each in projects():
        if each.dbt.dag_id == ti.dag_id:
            broken = named_nodes(str(context.get("exception") or ""))
            return _behind(each, broken or list(getattr(context["task"], "unique_ids", ())[:1]))
    return {}


def page_address(**chosen: str) -> str:
    """Where the lineage page shows something.

    Args:
        chosen: what, by the names that the page has in its address, such as ``node`` or ``tab``.
    """
    base = conf.get("api", "base_url", fallback="") or "http://localhost:8080"
    query = f"?{urlencode(chosen, quote_via=quote)}" if chosen else ""
    return f"{base.rstrip('/')}/plugin/dbt-lineage{query}"


def as_html(told: dict[str, str]) -> str:
    """What is behind something as lines of a mail; empty where nothing is."""
    return "".join(f"<p><b>{escape(label)}</b><br>{_linked(value)}</p>" for label, value in told.items())


def _behind(project: Project, subjects: Sequence[str]) -> dict[str, str]:
    from dbt_lineage.manifest.graph import Manifest
    from dbt_lineage.page.effects import hit
    from dbt_lineage.page.graph import graph_of

    if not subjects:
        return {}
    manifest = Manifest.load(project.dbt.manifest)
    tested = {test: node for node, tests in manifest.tests().items() for test in tests}
    broken = [tested.get(each, each) for each in subjects]
    # Of the manifest alone: whoever mails needs no ledger.
    graph = graph_of({project: manifest}, (), frozenset(), lambda *_: {})
    first = next((node.id for node in graph.nodes if node.unique_id in broken or node.id in broken), None)
    if first is None:
        return {}
    found = hit(graph, broken)
    told = {
        "Models behind it": _in_words(found.models),
        "Dashboards": _in_words(found.dashboards),
        "Owners": _in_words(found.owners),
    }
    link = page_address(node=first, dir="down", depth="all")
    return {**{label: value for label, value in told.items() if value}, "Lineage": link}


def _in_words(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _linked(value: str) -> str:
    safe = escape(value, quote=True)
    return f'<a href="{safe}">{safe}</a>' if value.startswith(("http://", "https://")) else safe
