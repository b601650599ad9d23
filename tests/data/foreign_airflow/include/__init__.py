"""What the DAGs of this project share. It has the name that this repository's own folder has."""
