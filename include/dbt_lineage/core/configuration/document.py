"""Parse a YAML document, with the line of each value and the keys that occur twice."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# The C loader is several times as fast. It exists where libyaml is installed.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Value:
    """A value of the document.

    Args:
        content: for a mapping a dict of ``Value`` by key, for a list a list of ``Value``, else the scalar.
        line: the line where it begins, or where its key is if it is in a mapping; from 1.
    """

    content: Any
    line: int

    @property
    def plain(self) -> Any:
        """The content without lines."""
        if isinstance(self.content, dict):
            return {key: value.plain for key, value in self.content.items()}
        return [value.plain for value in self.content] if isinstance(self.content, list) else self.content


@dataclass(frozen=True)
class Problem:
    """A problem in a line.

    Args:
        line: the line, from 1.
        said: what is wrong.
    """

    line: int
    said: str


def parse(file: Path) -> tuple[Value | None, list[Problem]]:
    """Read a YAML file.

    Args:
        file: the file, in UTF-8.

    Returns:
        Its content, or None where it is empty or not YAML; and its problems.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        loader = _Loader(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        return None, [Problem(1, f"is not UTF-8: {error.reason} at byte {error.start}")]
    except yaml.YAMLError as error:  # a character that YAML does not allow
        return None, [_of_yaml(error)]
    try:
        node = loader.get_single_node()
        reading = _Reading(loader)
        return None if node is None else reading.value(node), reading.problems
    except yaml.YAMLError as error:
        return None, [_of_yaml(error)]
    finally:
        loader.dispose()


def _of_yaml(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or " ".join(str(error).split())
    return Problem(mark.line + 1 if mark else 1, f"is not YAML: {said}")


class _Reading:
    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._values: dict[int, Value] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, line: int | None = None) -> Value:
        """The content of a node. A node that several aliases refer to is read once."""
        line = node.start_mark.line + 1 if line is None else line
        if id(node) not in self._values:
            # An alias inside its own node has no value.
            self._values[id(node)] = Value(None, line)
            self._values[id(node)] = Value(self._content(node), line)
        return Value(self._values[id(node)].content, line)

    def _content(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each) for each in node.value]
        try:
            return self._loader.construct_object(node)
        except ValueError:  # it looks like a date, but there is no such day
            return node.value

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Value]:
        lines: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(line, "a key must be a word"))
            elif key.value in lines:
                self.problems.append(
                    Problem(line, f"{key.value}: is a duplicate key, first in line {lines[key.value]}")
                )
            else:
                lines[key.value] = line
        # Puts the keys that `<<` merges before the mapping's own keys, which win.
        self._loader.flatten_mapping(node)
        return {
            key.value: self.value(value, key.start_mark.line + 1)
            for key, value in node.value
            if isinstance(key, yaml.ScalarNode)
        }
