"""How every command ends: what was to be expected is one sentence and exit code 1, its traceback in a log."""

import errno
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.places import error_logs

# What the libraries raise when a service is away or refuses, by the name of the class: no command imports them for this.
_SERVICES = {
    "httpx.HTTPError": "HTTP",
    "requests.exceptions.RequestException": "HTTP",
    "psycopg2.Error": "PostgreSQL",
    "sqlalchemy.exc.DBAPIError": "PostgreSQL",
    "cimpl.KafkaException": "Kafka",
    "sqlite3.Error": "SQLite",
}


def run(name: str, main: Callable[[], object]) -> NoReturn:
    """Run a command and end the process.

    Args:
        name: what the messages begin with, such as ``stack``.
        main: the command; an integer that it returns is the exit code.
    """
    try:
        result = main()
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        print(f"{name}: {sentence(error)}", file=sys.stderr)
        print(f"{name}: traceback in {_keep(name)}", file=sys.stderr)
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)


def sentence(error: BaseException) -> str:
    """What went wrong in words; an error that nobody expected carries its class."""
    if isinstance(error, ExpectedError):
        return str(error)
    service = next((_SERVICES[name] for name in map(_qualified, type(error).__mro__) if name in _SERVICES), None)
    if service is not None:
        return f"{service}: {_where(error)}{_first_line(error)}"
    if isinstance(error, OSError) and error.strerror:
        files = " and ".join(str(file) for file in (error.filename, error.filename2) if file is not None)
        return f"{files}: {error.strerror}" if files else error.strerror
    return f"unexpected {type(error).__name__}: {_first_line(error)}"


def _qualified(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}".removeprefix("confluent_kafka.")


def _where(error: BaseException) -> str:
    """Method and address of a failed request, as far as the error has one."""
    # httpx raises RuntimeError for an error that never had a request.
    try:
        request = getattr(error, "request", None)
    except RuntimeError:
        request = None
    return "" if request is None else f"{request.method} {request.url}: "


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__


def _keep(name: str) -> str:
    """Append the traceback under way to the command's log; returns where that is."""
    text = f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {' '.join(sys.argv)}\n{traceback.format_exc()}\n"
    failures = []
    # The second one is for a folder that is read-only or full.
    for file in (error_logs() / f"{name}.log", Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}.log"):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Others may write into the temporary folder: a link that somebody put there is not followed.
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "a") as log:
                if os.fstat(descriptor).st_uid != os.geteuid():
                    raise PermissionError(errno.EACCES, "it is another user's")
                log.write(text)
        except OSError as error:
            failures.append(f"{file}: {error.strerror}")
            continue
        return str(file)
    return f"no file ({'; '.join(failures)})"
