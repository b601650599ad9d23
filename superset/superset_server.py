"""The server's application, for ``gunicorn --preload superset_server:app``; run in Superset's environment.

Loaded once, before gunicorn opens its port and forks its workers: Superset takes seconds to load, and its first start
on an empty database is what the documentation does with three commands, each of which would load it again.
"""

import os
from importlib.metadata import version
from pathlib import Path

import superset_newer  # noqa: F401 - before Superset
from flask import Flask
from superset.app import create_app

ADMIN = "admin"
HOME = Path(os.environ["SUPERSET_HOME"])
DOING = HOME / "doing"


def _tell(step: str) -> None:
    """Say what is being done, in the log and to whoever waits for the server."""
    print(f"step: {step}", flush=True)
    DOING.write_text(step)


def _initialise(application: Flask) -> None:
    """Migrate, make the roles, make the administrator; doing it again changes nothing."""
    with application.app_context():
        from flask_migrate import upgrade
        from superset.extensions import appbuilder, db, security_manager

        _tell("migrating the metadata database")
        upgrade()
        _tell("making roles and rights")
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        db.session.commit()
        if security_manager.find_user(ADMIN) is None:
            _tell("making the administrator")
            password = os.environ["SUPERSET_ADMIN_PASSWORD"]
            role = security_manager.find_role("Admin")
            made = security_manager.add_user(ADMIN, "Superset", "Admin", "admin@example.com", role, password=password)
            if not made:
                raise SystemExit("the administrator could not be made; the log above says why")
            db.session.commit()


def _ready() -> Flask:
    """The application on a database of its own version, with no connection open that a fork would share."""
    _tell("loading Superset")
    application = create_app()
    done = HOME / "initialised"
    if not done.exists() or done.read_text() != version("apache-superset"):
        _initialise(application)
        done.write_text(version("apache-superset"))
    with application.app_context():
        from superset.extensions import db

        db.session.remove()
        db.engine.dispose()
    DOING.unlink()
    return application


app = _ready()
