"""Chaos: seeded trials that kill a part of the stack at a random instant and then look for what was lost."""
