"""The lineage on and off, what ran meanwhile, and the way back out: everything that is ours removed."""
