"""A process that has openmetadata-ingestion imported and forks for each workflow; ``WarmParent`` speaks to it.

Runs in the environment of openmetadata-ingestion. Each line of its input is a JSON object with the template's path and
the variables; it answers with the child's process id and, at its end, with its exit code (negative: the signal).
Never two workflows in one process: the package remembers edges that the server may have lost.
"""

import json
import os
import sys
from typing import TextIO

from include.openmetadata.tied import die_with_parent


def main() -> None:
    """Serve until the input ends."""
    die_with_parent()
    # What the package prints, now and in the children, must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    # The imports that a workflow would make first; the rest of it is what is left to do in a child.
    from metadata.cmd import metadata
    from metadata.ingestion.ometa.ometa_api import OpenMetadata  # noqa: F401
    from metadata.ingestion.source.pipeline.openlineage import metadata as source  # noqa: F401

    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            die_with_parent()
            os.environ.update(order["variables"])
            _work(metadata, order["template"])
        _answer(answers, child)
        _answer(answers, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _answer(answers: TextIO, number: int) -> None:
    answers.write(f"{number}\n")


def _work(metadata: object, template: str) -> None:
    """Run one workflow and end the process with its exit code, without the parent's cleaning up."""
    code = 1
    try:
        metadata(["ingest", "-c", template])  # type: ignore[operator]
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    else:
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
