"""Columns that share their values, such as a key and what refers to it."""

from collections.abc import Iterable

from dbt_lineage.columns.model import Column
from prove import mutations
from prove.relations import ColumnType, Relation
from prove.workbench import Workbench

# Columns share a domain when this part of the smaller one's values is in the other.
SHARED_VALUES = 0.5
FEWEST_VALUES = 3
# Two columns do not hold the same uuid by chance.
FEWEST_UUIDS = 1
MOST_VALUES = 20_000


def domains(bench: Workbench, relations: Iterable[Relation]) -> dict[Column, set[Column]]:
    """Each column that shares its values with others, and all of these with itself.

    Args:
        bench: holds the relations.
        relations: whose columns are compared.
    """
    columns = {
        Column(relation.name, column.name): (column, bench.distinct_values(relation, column.name, MOST_VALUES))
        for relation in relations
        for column in relation.columns
        if mutations.can_be_renamed(column)
    }
    found = {
        name: {other for other, (type_, values) in columns.items() if _shared(column, own, type_, values)}
        for name, (column, own) in columns.items()
    }
    return {name: domain for name, domain in found.items() if len(domain) > 1}


def rename(bench: Workbench, relations: Iterable[Relation], domain: set[Column]) -> None:
    """Rename the values of a domain, equal values alike in every column."""
    for relation in relations:
        keys = [column for column in relation.columns if Column(relation.name, column.name) in domain]
        if keys:
            bench.replace(relation, mutations.relabel, keys)


def _shared(column: ColumnType, own: set[str], other: ColumnType, theirs: set[str]) -> bool:
    smaller = min(len(own), len(theirs))
    fewest = FEWEST_UUIDS if column.type == "uuid" else FEWEST_VALUES
    return column.category == other.category and smaller >= fewest and len(own & theirs) >= SHARED_VALUES * smaller
