"""YAML to plain values, remembering where each of them stands.

PyYAML keeps the last of two equal keys without a word and reads `no` as false; here the first is an error and the
second is caught by the schema's types.
"""

from dataclasses import dataclass, field
from typing import cast

import yaml

from panda_addon.policy.errors import Problem

type TreePath = tuple[str | int, ...]
type Plain = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None

# Anchors may be used; what they unfold to is bounded.
_MAX_NODES = 1_000_000


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
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        tree.problems.append(Problem(file, line, column, "", str(error.problem or error.context)))
    except yaml.YAMLError as error:
        tree.problems.append(Problem(file, 1, 1, "", " ".join(str(error).split())))
    except RecursionError:
        tree.problems.append(Problem(file, 1, 1, "", "nested too deeply"))
    else:
        _Builder(tree).build(node)
    return tree


class _Builder:
    """Turns YAML nodes into values, noting places and mistakes in a tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.nodes = 0
        self.scalars = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node | None) -> None:
        try:
            self.tree.value = self._value(node, ()) if node is not None else None
        except RecursionError:
            self.tree.problems.append(Problem(self.tree.file, 1, 1, "", "an anchor holds itself"))

    def _value(self, node: yaml.Node, path: TreePath) -> Plain:
        self.tree.values[path] = _place(node)
        self.nodes += 1
        if self.nodes > _MAX_NODES:
            if self.nodes == _MAX_NODES + 1:
                self.tree.problems.append(self.tree.problem(path, "the file unfolds to too many values"))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(cast("yaml.ScalarNode", node), path)

    def _mapping(self, node: yaml.MappingNode, path: TreePath) -> Plain:
        members: dict[str, Plain] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is None:
                line, column = _place(key)
                self.tree.problems.append(Problem(self.tree.file, line, column, dotted(path), "a key must be a word"))
                continue
            below = (*path, name)
            if name in members:
                first = self.tree.keys[below][0]
                line, column = _place(key)
                message = f"this key stands here twice, first on line {first}"
                self.tree.problems.append(Problem(self.tree.file, line, column, dotted(below), message))
                continue
            self.tree.keys[below] = _place(key)
            members[name] = self._value(value, below)
        return members

    def _scalar(self, node: yaml.ScalarNode, path: TreePath) -> Plain:
        kind = node.tag.rpartition(":")[2]
        try:
            if kind == "null":
                return None
            if kind == "bool":
                return bool(self.scalars.construct_yaml_bool(node))
            if kind == "int":
                return int(self.scalars.construct_yaml_int(node))
            if kind == "float":
                return float(self.scalars.construct_yaml_float(node))
        except ValueError:
            self.tree.problems.append(self.tree.problem(path, f"not a number: {node.value!r}"))
            return None
        if not node.tag.startswith("tag:yaml.org,2002:"):
            self.tree.problems.append(self.tree.problem(path, f"unknown tag {node.tag}"))
        return str(node.value)


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
