"""Names of the tasks that run dbt, in every form."""

GROUP_ID = "models"
SEEDS_TASK_ID = "seeds"
PRODUCER_TASK_ID = "dbt_build"
# `--exclude resource_type:seed` would exclude the tests on seeds as well.
WITHOUT_SEEDS = ("--exclude-resource-type", "seed")
