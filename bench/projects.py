"""Made-up dbt projects of any size, to measure and test with: ``python -m bench.projects FOLDER MODELS``."""

import sys
from pathlib import Path

import yaml

ROWS = 100


def make_project(
    folder: Path, models: int, schema: str = "generated", name: str = "generated", columns: int = 2
) -> Path:
    """Write a dbt project whose models form a tree with cross links, each a small table with two tests.

    It builds in the same warehouse as the project of this repository, with a profile of the same variables, in a
    schema of its own; it reads nothing from it.

    Args:
        folder: where to; made when missing.
        models: how many.
        schema: schema of its tables.
        name: dbt's name of the project.
        columns: how many columns each model has, at least two.

    Returns:
        The folder.
    """
    (folder / "models").mkdir(parents=True, exist_ok=True)
    project: dict[str, object] = {
        "name": name,
        "version": "1.0.0",
        "profile": "generated",
        "flags": {"send_anonymous_usage_stats": False},
        "models": {name: {"+materialized": "table"}},
    }
    target = {
        "type": "postgres",
        "host": "{{ env_var('WAREHOUSE_HOST', '127.0.0.1') }}",
        "port": "{{ env_var('WAREHOUSE_PORT', '5432') | int }}",
        "user": "{{ env_var('WAREHOUSE_USER', 'dbt') }}",
        "password": "{{ env_var('WAREHOUSE_PASSWORD') }}",
        "dbname": "{{ env_var('WAREHOUSE_DATABASE', 'jaffle_db') }}",
        "schema": schema,
        "threads": 4,
    }
    _write_yaml(folder / "dbt_project.yml", project)
    _write_yaml(folder / "profiles.yml", {"generated": {"target": "dev", "outputs": {"dev": target}}})
    for number in range(models):
        (folder / "models" / f"{_name(number)}.sql").write_text(_sql(number, columns), encoding="utf-8")
    properties = [
        {"name": _name(number), "columns": [{"name": "id", "data_tests": ["unique", "not_null"]}]}
        for number in range(models)
    ]
    _write_yaml(folder / "models" / "models.yml", {"version": 2, "models": properties})
    return folder


def _sql(number: int, columns: int) -> str:
    others = [f"column_{at:02d}" for at in range(columns - 2)]
    parents = sorted({(number - 1) // 2, (number - 1) // 3}) if number else []
    if not parents:
        made = "".join(f", id + {at} as {name}" for at, name in enumerate(others))
        return f"select id, id * 2 as amount{made} from generate_series(1, {ROWS}) as id\n"  # noqa: S608 - no input
    ctes = ",\n".join(f"parent_{at} as (select * from {{{{ ref('{_name(one)}') }}}})" for at, one in enumerate(parents))  # noqa: S608
    joins = "".join(f" join parent_{at} using (id)" for at in range(1, len(parents)))
    taken = "".join(f", parent_{at % len(parents)}.{name}" for at, name in enumerate(others))
    return f"with {ctes}\nselect id, parent_0.amount + 1 as amount{taken} from parent_0{joins}\n"


def _name(number: int) -> str:
    return f"model_{number:04d}"


def _write_yaml(path: Path, content: dict[str, object]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    print(make_project(Path(sys.argv[1]), int(sys.argv[2])))
