"""Is every part there, and does it do its work? ``dbt-lineage health`` answers within seconds."""
