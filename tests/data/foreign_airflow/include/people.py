"""Names, from the project's own include."""

PEOPLE = ("Ada", "Grace", "Barbara")


def greeting(name: str) -> str:
    """A greeting."""
    return f"Hello, {name}"
