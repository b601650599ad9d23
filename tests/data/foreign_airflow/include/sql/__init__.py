"""SQL of the project."""
