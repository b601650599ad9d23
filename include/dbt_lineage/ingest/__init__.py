"""From the events topic into the catalogue: facts are read, written in slices, and read back."""
