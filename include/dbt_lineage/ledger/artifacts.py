"""dbt's artifacts of the last build, for a machine that reads them and did not build: a compressed file each."""

import zlib
from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.ledger.schema import Base, DbtArtifact

_artifact = Base.metadata.tables[DbtArtifact.__tablename__]
# A manifest is mostly SQL and names: the fastest level already leaves a tenth of it.
_LEVEL = 1


class ArtifactLedger(Ledger):
    """The ledger, as builds and the readers of their artifacts use it. Every method raises LedgerError."""

    def keep(self, dag_id: str, files: Mapping[str, bytes]) -> None:
        """Replace the artifacts of the last build, all or none.

        Args:
            dag_id: of the DAG that runs the dbt project.
            files: their content, by name.
        """
        rows = [
            {"dag_id": dag_id, "name": name, "content": zlib.compress(content, _LEVEL), "kept_at": func.now()}
            for name, content in sorted(files.items())
        ]
        others = delete(_artifact).where(_artifact.c.dag_id == dag_id, _artifact.c.name.not_in(files))
        with self._transaction() as database:
            database.execute(others)
            for row in rows:
                # Two builds may end at once: the second one does not see the rows of the first when it deletes.
                added = insert(_artifact).values(row)
                change = {name: added.excluded[name] for name in ("content", "kept_at")}
                database.execute(added.on_conflict_do_update(index_elements=["dag_id", "name"], set_=change))

    def newest(self, dag_id: str) -> dict[str, bytes]:
        """Return the artifacts of the last build by name; empty if there are none.

        Args:
            dag_id: of the DAG that runs the dbt project.
        """
        query = select(_artifact.c.name, _artifact.c.content).where(_artifact.c.dag_id == dag_id)
        with self._transaction() as database:
            rows = database.execute(query).mappings().all()
        return {row["name"]: zlib.decompress(row["content"]) for row in rows}
