"""Fails where `include` is not that of this project."""

from airflow.sdk import dag, task


@dag(schedule=None)
def where_include_is() -> None:
    """Looks where the packages of usual names are."""

    @task
    def look() -> list[str]:
        import os

        import operators

        import include

        home = os.environ["AIRFLOW_HOME"]
        files = [str(module.__file__) for module in (include, operators)]
        assert all(file.startswith(home) for file in files), files
        return files

    look()


where_include_is()
