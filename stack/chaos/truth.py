"""What an emitter did, written down by itself before and after each event, so that it is known even when it is killed."""

import os
from dataclasses import dataclass
from pathlib import Path

BEGUN, EMITTED = "begun", "emitted"


@dataclass(frozen=True)
class Truth:
    """What is known of the events of a story, by their places.

    Args:
        emitted: ``emit`` has returned: they must arrive.
        begun: ``emit`` was called: they may arrive.
    """

    emitted: frozenset[int]
    begun: frozenset[int]

    @classmethod
    def read(cls, file: Path) -> "Truth":
        """What the file says; a last line that is not whole says nothing."""
        lines = file.read_text().split("\n")[:-1] if file.exists() else []
        words = [line.split() for line in lines]
        return cls(
            emitted=frozenset(int(place) for word, place in words if word == EMITTED),
            begun=frozenset(int(place) for _, place in words),
        )


class Diary:
    """Writes down what is done; each line is on disk when its call returns.

    Args:
        file: where to; what stands there stays.
    """

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, word: str, place: int) -> None:
        """Write down a word about an event."""
        os.write(self._file, f"{word} {place}\n".encode())
        os.fsync(self._file)
