"""End every command the same way: an error is one sentence and exit code 1, with its traceback in a log."""

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

# Errors of libraries for a service that is unreachable or refuses, by class name, so that nothing is imported for them.
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
        name: the command's name, with which its messages begin, such as ``stack``.
        main: the command. An integer that it returns is the exit code.
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
    """An error as one sentence. An unexpected error is prefixed with its class."""
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
    """Method and address of a failed request; empty if the error has no request."""
    # httpx raises RuntimeError for an error that never had a request.
    try:
        request = getattr(error, "request", None)
    except RuntimeError:
        request = None
    return "" if request is None else f"{request.method} {request.url}: "


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__


def _keep(name: str) -> str:
    """Append the current traceback to the command's log. Returns the log's path, or why there is none."""
    text = f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {' '.join(sys.argv)}\n{traceback.format_exc()}\n"
    failures = []
    # The second file is used when the first folder is read-only or full.
    for file in (error_logs() / f"{name}.log", Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}.log"):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Other users may write into the temporary folder, so a link there is not followed.
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
