"""A process that puts events into a spool and says so, until it is killed: ``python -m tests.spool_writer DIR NAME``."""

import sys
from pathlib import Path

from dbt_lineage.spool.spool import Spool


def main(folder: str, name: str) -> None:
    """Put events without end; a line is printed when the spool has returned."""
    spool = Spool(Path(folder), 1 << 30)
    number = 0
    while True:
        print(spool.put(f'{{"writer": "{name}", "number": {number}}}'.encode()), flush=True)
        number += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
