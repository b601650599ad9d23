"""The local stack: the real services, started from packages on 127.0.0.1, without Docker."""
