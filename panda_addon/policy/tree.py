"""YAML to plain values, remembering where each of them stands.

PyYAML keeps the last of two equal keys without a word and reads `no` as false; here the first is an error and the
second is caught by the schema's types.
"""

import re
from dataclasses import dataclass, field

import yaml
from yaml.reader import ReaderError

from panda_addon.policy.errors import Problem, place

type TreePath = tuple[str | int, ...]
type Plain = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None

# Anchors may be used; what they unfold to is bounded.
_MAX_NODES = 1_000_000

_YAML = "tag:yaml.org,2002:"
_MAPPING = frozenset(("map",))
_SEQUENCE = frozenset(("seq",))
_SCALAR = frozenset("bool float int merge null str timestamp value".split())

# What an escape in a quoted string can make and UTF-8 cannot hold.
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class Tree:
    """A YAML document: its value, and line and column (from 1) of every value and of every member's name."""

    file: str
    value: Plain = None
    values: dict[TreePath, tuple[int, int]] = field(default_factory=dict)
    keys: dict[TreePath, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: TreePath, message: str, *, at_key: bool = False) -> Problem:
        """A problem at a place of the tree, or at the nearest place above it that the file has."""
        places = self.keys if at_key else self.values
        near = path
        while near not in places and near:
            near = near[:-1]
        line, column = places.get(near) or self.values.get(near, (1, 1))
        return Problem(self.file, line, column, dotted(path), message)


def dotted(path: TreePath) -> str:
    """A path as people write it: `policies[0].name`."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def read_tree(text: str, file: str) -> Tree:
    """The tree of a YAML document. Its mistakes are in `problems`; nothing is raised."""
    tree = Tree(file)
    try:
        loader = yaml.SafeLoader(text)
    except ReaderError as error:
        message = f"YAML allows no character U+{ord(text[error.position]):04X}"
        tree.problems.append(Problem(file, *place(text[: error.position]), "", message))
        return tree
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or loader.get_mark()
        tree.problems.append(Problem(file, mark.line + 1, mark.column + 1, "", _said(error)))
    except (RecursionError, ValueError, OverflowError) as error:
        # PyYAML converts the digits of a directive or an escape without a look at their size.
        message = "nested too deeply" if isinstance(error, RecursionError) else "a number out of range"
        mark = loader.get_mark()
        tree.problems.append(Problem(file, mark.line + 1, mark.column + 1, "", message))
    else:
        _Builder(tree).build(node)
    return tree


def _said(error: yaml.MarkedYAMLError) -> str:
    return ", ".join(part for part in (error.context, error.problem) if part)


def items(value: Plain) -> list[Plain]:
    """The items of a list, none of anything else."""
    return value if isinstance(value, list) else []


def member(value: Plain, name: str) -> Plain:
    """A member of a mapping, None of anything else."""
    return value.get(name) if isinstance(value, dict) else None


class _Builder:
    """Turns YAML nodes into values, noting places and mistakes in a tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.nodes = 0
        self.within: set[int] = set()
        self.scalars = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node | None) -> None:
        try:
            self.tree.value = self._value(node, ()) if node is not None else None
        except RecursionError:
            self.tree.problems.append(Problem(self.tree.file, 1, 1, "", "nested too deeply by anchors"))
        if self.nodes > _MAX_NODES:
            # What is left is no policy worth a word.
            self.tree.value = None

    def _value(self, node: yaml.Node, path: TreePath) -> Plain:
        self.tree.values[path] = _place(node)
        self.nodes += 1
        if self.nodes > _MAX_NODES:
            if self.nodes == _MAX_NODES + 1:
                self.tree.problems.append(self.tree.problem(path, "the file unfolds to too many values"))
            return None
        if isinstance(node, yaml.ScalarNode):
            self._check_tag(node, path, _SCALAR)
            return self._scalar(node, path)
        if id(node) in self.within:
            self.tree.problems.append(self.tree.problem(path, "an anchor holds itself"))
            return None
        self.within.add(id(node))
        value: Plain
        if isinstance(node, yaml.MappingNode):
            self._check_tag(node, path, _MAPPING)
            value = self._mapping(node, path)
        else:
            self._check_tag(node, path, _SEQUENCE)
            value = [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        self.within.remove(id(node))
        return value

    def _check_tag(self, node: yaml.Node, path: TreePath, known: frozenset[str]) -> None:
        if node.tag.removeprefix(_YAML) not in known:
            line, column = _place(node)
            self.tree.problems.append(Problem(self.tree.file, line, column, dotted(path), f"unknown tag {node.tag}"))

    def _mapping(self, node: yaml.MappingNode, path: TreePath) -> Plain:
        members: dict[str, Plain] = {}
        for key, value in node.value:
            line, column = _place(key)
            if not isinstance(key, yaml.ScalarNode):
                self.tree.problems.append(Problem(self.tree.file, line, column, dotted(path), "a key must be a word"))
                continue
            name = self._text(key, path)
            below = (*path, name)
            if name in members:
                message = f"this key stands here twice, first on line {self.tree.keys[below][0]}"
                self.tree.problems.append(Problem(self.tree.file, line, column, dotted(below), message))
                continue
            self._check_tag(key, below, _SCALAR)
            self.tree.keys[below] = line, column
            members[name] = self._value(value, below)
        return members

    def _scalar(self, node: yaml.ScalarNode, path: TreePath) -> Plain:
        kind = node.tag.removeprefix(_YAML)
        try:
            if kind == "null":
                return None
            if kind == "bool":
                return bool(self.scalars.construct_yaml_bool(node))
            if kind == "int":
                return _bounded(self.scalars.construct_yaml_int(node))
            if kind == "float":
                return float(self.scalars.construct_yaml_float(node))
        except (ValueError, LookupError, OverflowError):
            # `0x_` looks like a number and is none; `!!int ""` and `!!bool maybe` are errors of yet other kinds.
            self.tree.problems.append(self.tree.problem(path, f"not a valid {kind}"))
        return self._text(node, path)

    def _text(self, node: yaml.ScalarNode, path: TreePath) -> str:
        text = str(node.value)
        if _SURROGATE.search(text):
            line, column = _place(node)
            message = "half of a surrogate pair is no character"
            self.tree.problems.append(Problem(self.tree.file, line, column, dotted(path), message))
        return _SURROGATE.sub("\ufffd", text)


def _bounded(number: int) -> int:
    if abs(number) >> 63:
        raise ValueError
    return number


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
