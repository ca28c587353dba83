"""The shape of the package, read from its syntax trees."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "panda_addon"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Each room may import what stands on the shelves above its own, and its own. The command line and the reports stand
# beside them all.
SHELVES = (
    ("exchange", "verdict"),
    ("text", "transcript"),
    ("wire",),
    ("policy",),
    ("checks",),
    ("judge",),
    ("waiting",),
    ("runs",),
    ("stream",),
    ("relay",),
    ("meter",),
    ("audit",),
    ("source",),
    ("call",),
    ("inspection",),
    ("gate",),
    ("workers",),
    ("heads", "options"),
    ("flows",),
    ("hooks",),
    ("addon",),
)
RANK = {room: rank for rank, shelf in enumerate(SHELVES) for room in shelf}
CORE = {
    "exchange",
    "transcript",
    "verdict",
    "text",
    "wire",
    "policy",
    "checks",
    "judge",
    "waiting",
    "runs",
    "stream",
    "relay",
}
BESIDE = {"cli", "report"}
OUTSIDE = {
    "asyncio", "datetime", "io", "multiprocessing", "os", "random", "secrets", "selectors", "shutil", "signal",
    "socket", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "uuid",
}  # fmt: skip
OUTSIDE_NAMES = ("pathlib.Path", "concurrent.futures")
MITMPROXY = {"flows", "hooks", "cli.lean", "cli.run"}


def imported(tree):
    """Every name that a module imports, in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def called(tree):
    """The plain names that a module calls."""
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def may_import(room, other):
    """Whether one room may import another."""
    if other in (room, ""):
        return True
    if room in BESIDE:
        return other != "addon"
    return other in RANK and RANK[other] <= RANK[room]


def faults(name, source):
    """What is wrong with a module: `name` is its dotted name below the package, `""` for the package itself."""
    tree = ast.parse(source)
    room = name.split(".")[0]
    found = [] if ast.get_docstring(tree) else ["no docstring"]
    for path in imported(tree):
        top, _, rest = path.partition(".")
        if path.startswith("."):
            found.append(f"relative import {path}")
        elif top == "panda_addon":
            if not may_import(room, rest.split(".")[0].removeprefix("__version__")):
                found.append(f"imports {path}")
        elif top == "mitmproxy":
            found += [] if name in MITMPROXY else [f"imports {path}"]
        elif room in CORE and (top in OUTSIDE or path == "pathlib" or path.startswith(OUTSIDE_NAMES)):
            found.append(f"imports {path}")
    if room in CORE:
        found += [f"calls {call}" for call in sorted(called(tree) & {"open", "__import__", "exec", "eval", "input"})]
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    if "iter_long" in names:
        found.append("uses iter_long")
    sets = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    if room == "text" and "set" in sets:
        found.append("calls .set()")
    if room and room in sys.stdlib_module_names and "." not in name:
        found.append("has the name of a standard module")
    return found


def dotted(path):
    """A module's name below the package."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_module_keeps_to_its_place(path):
    """Imports run one way, the core has no I/O, mitmproxy stays in its four files, and every module says what it is."""
    assert faults(dotted(path), path.read_text()) == []


def test_every_module_of_the_package_is_looked_at():
    """All rooms are there, and none that has no place yet."""
    assert {dotted(path).split(".")[0] for path in MODULES} == {"", *BESIDE, *RANK}


def test_no_folder_has_the_name_of_a_standard_module():
    """The package's own folder stands first on the path when mitmproxy loads it."""
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    assert folders & sys.stdlib_module_names == set()


def test_importing_the_package_imports_nothing_else():
    """The package itself holds its version and no import."""
    assert list(imported(ast.parse((PACKAGE / "__init__.py").read_text()))) == []


@pytest.mark.parametrize(
    ("name", "line", "fault"),
    [
        ("wire.chat", "from panda_addon.judge import judge", "imports panda_addon.judge.judge"),
        ("wire.chat", "from panda_addon import gate", "imports panda_addon.gate"),
        ("text.fold", "import panda_addon.wire", "imports panda_addon.wire"),
        ("exchange", "from panda_addon.text.fold import fold", "imports panda_addon.text.fold.fold"),
        ("audit.log", "from panda_addon.gate import Gate", "imports panda_addon.gate.Gate"),
        ("cli.run", "import panda_addon.addon", "imports panda_addon.addon"),
        ("gate", "import panda_addon.nowhere", "imports panda_addon.nowhere"),
        ("gate", "def f():\n    import panda_addon.hooks", "imports panda_addon.hooks"),
        ("wire.chat", "from . import shape", "relative import ..shape"),
        ("gate", "from mitmproxy import http", "imports mitmproxy.http"),
        ("cli.check", "import mitmproxy.ctx", "imports mitmproxy.ctx"),
        ("judge", "import time", "imports time"),
        ("wire.read", "from datetime import datetime", "imports datetime.datetime"),
        ("policy.load", "import os.path", "imports os.path"),
        ("policy.load", "from pathlib import Path", "imports pathlib.Path"),
        ("policy.load", "import pathlib", "imports pathlib"),
        ("checks.models", "import random", "imports random"),
        ("verdict", "import threading", "imports threading"),
        ("policy.load", "open('x')", "calls open"),
        ("text.phrases", "index.iter_long('x')", "uses iter_long"),
        ("text.phrases", "found.set('x')", "calls .set()"),
        ("json", "", "has the name of a standard module"),
    ],
)
def test_the_rules_can_be_broken(name, line, fault):
    """Each rule finds the fault it is there for, and only that."""
    assert faults(name, f'"""What it is."""\n{line}\n') == [fault]


def test_a_module_without_a_docstring_is_at_fault():
    """A module says what it knows."""
    assert faults("wire.chat", "import json\n") == ["no docstring"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("hooks", "from mitmproxy import http"),
        ("cli.run", "from mitmproxy import http"),
        ("cli.run", "from panda_addon.hooks import PandaAddon"),
        ("cli.main", "from panda_addon import __version__"),
        ("gate", "import time, os"),
        ("policy.load", "from pathlib import PurePath"),
        ("judge", "from panda_addon.wire.names import public"),
        ("wire.chat", "names = set()"),
    ],
)
def test_what_is_allowed_is_no_fault(name, line):
    """The rules leave alone what the design allows."""
    assert faults(name, f'"""What it is."""\n{line}\n') == []
