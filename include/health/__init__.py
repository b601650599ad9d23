"""Is every part there, and does it do its work? ``python -m include.health`` answers within seconds."""
