"""The folder of relative paths in settings, and the folder of commands' tracebacks.

Only Python's own library is used, since containers run commands before anything is installed.
"""

import os
from pathlib import Path

CONFIGURATION = "LINEAGE_CONFIG"
_PACKAGE = Path(__file__).resolve().parents[1]
# A project that contains the package has it in this folder, as this repository does.
_FOLDER_IN_A_PROJECT = "include"


def base_folder() -> Path:
    """The folder that relative paths are relative to.

    Returns:
        The first of these that exists: the folder of the file of ``LINEAGE_CONFIG``, the project that has the package in
        its folder ``include``, Airflow's home, the working folder.
    """
    if configuration := os.environ.get(CONFIGURATION):
        # The settings read it the same way. They refuse a home that does not exist.
        return Path(os.path.expanduser(configuration)).absolute().parent
    if _PACKAGE.parent.name == _FOLDER_IN_A_PROJECT:
        return _PACKAGE.parents[1]
    if home := os.environ.get("AIRFLOW_HOME"):
        return Path(home).expanduser().absolute()
    return Path.cwd()


def error_logs() -> Path:
    """The folder of failed commands' tracebacks."""
    return base_folder() / "build" / "errors"
