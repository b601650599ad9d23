"""Every figure that the docs quote, with the command that makes it."""
