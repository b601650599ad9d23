"""Settings, errors, times and processes for all rooms. It imports nothing else of the package."""
