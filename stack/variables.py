"""Variables in files: those of the stack's processes, and a user's ``.env``.

``python -m stack.variables FILE COMMAND …`` becomes a command with the variables of a file that ``write`` wrote.
"""

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write(file: Path, variables: Mapping[str, str]) -> None:
    """Write variables as JSON, which changes no character of a value.

    Args:
        file: the file; only its owner can read it. It is written whole, or what was there stays.
        variables: each value by its name.

    Raises:
        OSError: the file cannot be written.
    """
    write_private(file, json.dumps(dict(variables), indent=2))


def write_private(file: Path, text: str) -> None:
    """Write a whole file that only its owner can read, from its first byte on, or leave what was there.

    Raises:
        OSError: the file cannot be written.
    """
    descriptor, new = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}")
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    os.replace(new, file)


def load_env_file(file: Path) -> None:
    """Take over what an env file says, as Docker Compose reads it too. What the environment has already wins.

    In other values ``${NAME}`` is replaced; what stands between single quotes stays as it is written, such as a password.

    Args:
        file: the file; nothing is done when there is none.

    Raises:
        OSError: the file cannot be read.
    """
    from dotenv.parser import parse_stream
    from dotenv.variables import parse_variables

    if not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        for each in parse_stream(lines):
            if each.key is None or each.value is None:
                continue
            is_literal = each.original.string.partition("=")[2].lstrip().startswith("'")
            value = each.value
            if not is_literal:
                value = "".join(atom.resolve(os.environ) for atom in parse_variables(value))
            os.environ.setdefault(each.key, value)


def main(file: str, *command: str) -> None:
    """Become a command. Raises OSError when the file cannot be read, or the command not be run."""
    os.environ.update(json.loads(Path(file).read_text(encoding="utf-8")))
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
