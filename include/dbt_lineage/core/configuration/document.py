"""A YAML document with the line of each value, and with the keys that it has twice."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# Several times as fast, where libyaml is there.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Value:
    """A value of the document.

    Args:
        content: a dict of values by key for a mapping, a list of values for a list, else what YAML makes of a scalar.
        line: where it begins; of one in a mapping, where its key is; from 1.
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
    """What is wrong in a line.

    Args:
        line: from 1.
        said: what is wrong.
    """

    line: int
    said: str


def parse(file: Path) -> tuple[Value | None, list[Problem]]:
    """Read a YAML file.

    Args:
        file: the file, in UTF-8.

    Returns:
        Its content, None where it is empty or no YAML; and what is wrong with it.

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
        """What a node holds. One that is referred to by an anchor is read once."""
        line = node.start_mark.line + 1 if line is None else line
        if id(node) not in self._values:
            # Seen from within itself, it is nothing.
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
        except ValueError:  # looks like a date, and there is no such day
            return node.value

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Value]:
        lines: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(line, "a key must be a word"))
            elif key.value in lines:
                self.problems.append(Problem(line, f"{key.value}: is there twice, first in line {lines[key.value]}"))
            else:
                lines[key.value] = line
        # Puts what `<<` names before the mapping's own, which win.
        self._loader.flatten_mapping(node)
        return {
            key.value: self.value(value, key.start_mark.line + 1)
            for key, value in node.value
            if isinstance(key, yaml.ScalarNode)
        }
