"""Print on a terminal: names and errors appear unchanged, whatever is in them."""

import io
from typing import IO

from rich.console import Console, RenderableType


def console(file: IO[str] | None = None, width: int | None = None) -> Console:
    """A console without markup: ``[bold]`` and ``:warning:`` are printed unchanged.

    Args:
        file: where it prints; standard output by default.
        width: characters in a line; the terminal's width by default.
    """
    return Console(file=file, width=width, markup=False, emoji=False, highlight=False)


def printed(*parts: RenderableType, width: int) -> str:
    """Render texts and tables as one text, without colours.

    Args:
        parts: the texts and tables, from top to bottom.
        width: characters in a line.
    """
    text = io.StringIO()
    console(text, width).print(*parts, sep="\n")
    return text.getvalue()
