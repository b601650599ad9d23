"""What the stand-in has answered survives `kill -9`."""

import signal
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import httpx
from catalogue_under_test import Standin, make_warehouse


def test_every_answered_write_survives_kill(tmp_path: Path) -> None:
    standin = Standin(tmp_path)
    standin.start()
    with standin.client() as catalogue:
        warehouse = make_warehouse(catalogue)
        a, b = warehouse.table("a", "id"), warehouse.table("b", "id")
        ends = {"fromEntity": {"id": a["id"], "type": "table"}, "toEntity": {"id": b["id"], "type": "table"}}
        catalogue.put("/lineage", json={"edge": ends}).raise_for_status()
        answered: list[str] = []

        def write_until_killed() -> None:
            for number in count():
                try:
                    answered.append(warehouse.table(f"t{number}", "id")["id"])
                except httpx.TransportError:
                    return

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write_until_killed)
            while len(answered) < 20:
                assert not writing.done(), writing.exception()
            standin.kill(signal.SIGKILL)
            writing.result()
    standin.start()
    with standin.client() as catalogue:
        assert catalogue.get(f"/lineage/getLineageEdge/{a['id']}/{b['id']}").status_code == 200
        stored = catalogue.get("/tables", params={"databaseSchema": warehouse.schema, "limit": 1_000_000}).json()
    assert set(answered) <= {table["id"] for table in stored["data"]}
    assert standin.kill(signal.SIGTERM) in (0, -signal.SIGTERM)
