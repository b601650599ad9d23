"""What a person reads on a terminal: names and errors as they are, whatever is in them."""

import io
from typing import IO

from rich.console import Console, RenderableType


def console(file: IO[str] | None = None, width: int | None = None) -> Console:
    """A console for which no text is a form: ``[bold]`` and ``:warning:`` are printed as they are.

    Args:
        file: where it prints; standard output by default.
        width: characters of a line; those of the terminal by default.
    """
    return Console(file=file, width=width, markup=False, emoji=False, highlight=False)


def printed(*parts: RenderableType, width: int) -> str:
    """Texts and tables as one text, without colours.

    Args:
        parts: what is printed, one below the other.
        width: characters of a line.
    """
    text = io.StringIO()
    console(text, width).print(*parts, sep="\n")
    return text.getvalue()
