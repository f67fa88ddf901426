"""No circle of files: none of our modules needs, be it over others or late, one that needs it.

Imports count wherever they stand, within functions too. Those that only type checkers follow do not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"

# Modules with circles among them that are still to be mended. Whoever mends them takes them out; none is ever added.
ALLOWED: tuple[frozenset[str], ...] = ()

Graph = Mapping[str, frozenset[str]]


def modules_in(folder: Path) -> dict[str, Path]:
    """Return the file of each module below a folder, by its dotted name."""
    names = {}
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return names


def imports_of(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Give what a module imports: (module, name in it or None); what only type checkers follow is left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield from imports_of(other)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"a relative import: {ast.unparse(node)}"
            yield from ((str(node.module), alias.name) for alias in node.names)
        else:
            yield from imports_of(node)


def graph_of(modules: Mapping[str, Path]) -> Graph:
    """Return which of these modules each of them imports."""
    return {
        name: frozenset(_targets(ast.parse(file.read_text(encoding="utf-8")), modules)) - {name}
        for name, file in modules.items()
    }


def _targets(tree: ast.AST, modules: Mapping[str, Path]) -> Iterator[str]:
    for module, name in imports_of(tree):
        # "from package import module" needs the module; a package's own file gives what is no module.
        target = f"{module}.{name}" if f"{module}.{name}" in modules else module
        if target in modules:
            yield target


def circles_in(graph: Graph) -> list[list[str]]:
    """Return a shortest circle of each group of modules that reach each other."""
    reached = {name: _reached(graph, name) for name in graph}
    groups = {
        frozenset({name, *(other for other in reached[name] if name in reached[other])})
        for name in graph
        if name in reached[name]
    }
    return sorted(min((_shortest(graph, name) for name in group), key=lambda way: (len(way), way)) for group in groups)


def _reached(graph: Graph, start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def _shortest(graph: Graph, start: str) -> list[str]:
    """Return the shortest way from a module of a circle back to itself."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for target in sorted(graph[way[-1]]):
            if target == start:
                return [*way, start]
            if target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []


@pytest.fixture(scope="module")
def circles() -> list[list[str]]:
    """The circles of the whole source."""
    modules = modules_in(SRC)
    assert {"BaseDT.image", "BaseDT.results", "XEdu.hub.workflow", "MMEdu.classification"} <= set(modules)
    return circles_in(graph_of(modules))


def test_no_module_needs_one_that_needs_it(circles: list[list[str]]) -> None:
    found = [circle for circle in circles if not any(allowed.issuperset(circle) for allowed in ALLOWED)]
    assert not found, "circles of files:\n" + "\n".join(" -> ".join(circle) for circle in found)


def test_no_module_of_another_package_that_a_text_names_needs_who_names_it() -> None:
    """``"BaseML.running"`` is imported when it is needed; between packages that is a need as any other."""
    modules = modules_in(SRC)
    graph = graph_of(modules)
    named = {
        (name, text)
        for name, file in modules.items()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (text := node.value.partition(":")[0]) in modules and "." in text
        if text.partition(".")[0] != name.partition(".")[0]
    }
    assert ("XEdu.hub.tasks.baseml", "BaseML.running") in named
    assert not [(name, text) for name, text in sorted(named) if name in _reached(graph, text)]


def test_an_allowed_circle_is_still_one(circles: list[list[str]]) -> None:
    mended = [sorted(allowed) for allowed in ALLOWED if not any(allowed.issuperset(circle) for circle in circles)]
    assert not mended, "these have no circle any more: take them out of ALLOWED"


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        ({"a": "from p import b", "b": "import p.a"}, ["p.a", "p.b", "p.a"]),
        ({"a": "import p.b", "b": "def f():\n    from p.c import x", "c": "import p.a"}, ["p.a", "p.b", "p.c", "p.a"]),
        ({"__init__": "from p.a import x", "a": "from p import y"}, ["p", "p.a", "p"]),
        ({"a": "from p import b", "b": "if TYPE_CHECKING:\n    import p.a"}, None),
        ({"a": "from p import b", "b": "import os", "c": "import p.a, p.b"}, None),
    ],
)
def test_circles_are_found(files: dict[str, str], circle: list[str] | None, tmp_path: Path) -> None:
    for name, text in {"__init__": "", **files}.items():
        file = tmp_path / "p" / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert circles_in(graph_of(modules_in(tmp_path))) == ([] if circle is None else [circle])
