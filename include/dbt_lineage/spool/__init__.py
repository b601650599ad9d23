"""Station 2: events on the local disk, where they wait for the relay."""
