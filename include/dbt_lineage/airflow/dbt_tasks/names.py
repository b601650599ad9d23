"""Names of the tasks that run dbt, whatever form they have."""

GROUP_ID = "models"
SEEDS_TASK_ID = "seeds"
PRODUCER_TASK_ID = "dbt_build"
# `--exclude resource_type:seed` would leave out the tests on seeds as well.
WITHOUT_SEEDS = ("--exclude-resource-type", "seed")
