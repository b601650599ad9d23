"""Station 1: what a dbt project declares and what one of its runs did."""
