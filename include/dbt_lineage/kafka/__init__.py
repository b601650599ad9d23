"""Station 4: the topics."""
