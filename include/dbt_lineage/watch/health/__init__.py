"""Is every part there, and does it do its work? ``python -m dbt_lineage.watch.health`` answers within seconds."""
