"""Kafka: topics as code, offsets, limits, reading a range."""
