"""Station 3: from the spool to Kafka, each event checked, in order, until the broker has it."""
