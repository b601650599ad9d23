"""Station 5: from the events topic to the catalogue. Facts are read, written in slices, and read back."""
