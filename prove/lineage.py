"""Our own column lineage as claims."""

from dataclasses import replace

from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.columns.model import Column, ColumnLineage
from prove.relations import Statement

DIALECT = "postgres"


def claims(statement: Statement) -> ColumnLineage:
    """The lineage that ``dbt_lineage.columns`` computes of a statement, from its SQL and input columns."""
    schema = {
        _in_copy(parent.name, statement): {column.name: column.type for column in parent.columns}
        for parent in statement.parents
    }
    told = column_lineage(statement.sql[0], _in_copy(statement.relation, statement), schema, DIALECT)
    return _in_warehouse(told, statement)


def _in_copy(name: str, statement: Statement) -> str:
    """A relation's name as the SQL has it: the statement was compiled for a scratch copy."""
    return f"{statement.database}.{name.split('.', 1)[1]}"


def _in_warehouse(told: ColumnLineage, statement: Statement) -> ColumnLineage:
    names = {_in_copy(known.name, statement): known.name for known in statement.parents}
    names[_in_copy(statement.relation, statement)] = statement.relation

    def renamed(column: Column) -> Column:
        return replace(column, relation=names.get(column.relation, column.relation))

    return replace(
        told,
        relation=statement.relation,
        edges=frozenset(replace(edge, source=renamed(edge.source), target=renamed(edge.target)) for edge in told.edges),
        dataset_edges=frozenset((renamed(source), subtype) for source, subtype in told.dataset_edges),
    )
