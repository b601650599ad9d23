"""Station 3: send events from the spool to Kafka, each one validated, in order, until the broker acknowledges it."""
