"""Where files are that a setting names by a relative path, and where a command leaves its traceback.

Only Python's own library is used: the containers' commands run before anything is installed.
"""

import os
from pathlib import Path

CONFIGURATION = "LINEAGE_CONFIG"
_PACKAGE = Path(__file__).resolve().parents[1]
# A project that holds the package has it there, as this repository does.
_FOLDER_IN_A_PROJECT = "include"


def base_folder() -> Path:
    """The folder that relative paths are relative to.

    Returns:
        The first of these that there is: the folder of the file that ``LINEAGE_CONFIG`` names, the project that holds the
        package in its folder ``include``, Airflow's home, the working folder.
    """
    if configuration := os.environ.get(CONFIGURATION):
        # As the settings read it. A home that there is not is refused there.
        return Path(os.path.expanduser(configuration)).absolute().parent
    if _PACKAGE.parent.name == _FOLDER_IN_A_PROJECT:
        return _PACKAGE.parents[1]
    if home := os.environ.get("AIRFLOW_HOME"):
        return Path(home).expanduser().absolute()
    return Path.cwd()


def error_logs() -> Path:
    """The folder of the tracebacks of commands that failed."""
    return base_folder() / "build" / "errors"
