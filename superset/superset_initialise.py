"""Makes Superset's metadata, its rights and its administrator; run in Superset's environment, prints each step.

One process for what the documentation does with three commands, each of which would load Superset anew. Doing it
again changes nothing.
"""

import os

from superset.app import create_app

ADMIN = "admin"


def _tell(step: str) -> None:
    """Say what is being done, told apart from what Superset prints by itself."""
    print(f"step: {step}", flush=True)


def main() -> None:
    """Migrate, make the roles, make the administrator."""
    _tell("loading Superset")
    with create_app().app_context():
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


if __name__ == "__main__":
    main()
