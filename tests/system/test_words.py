"""One dialect: numbers become text in one file, and a public type has one home and one meaning."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import initterm

ROOT = Path(initterm.__file__).parent
FORMATS = ROOT / "theory" / "numbers.py"
NUMBER_FORMAT = re.compile(r"[+,]|\.\d*[efg%]?$|[efg%]$")


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the program, parsed."""
    for path in sorted(ROOT.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_numbers_are_formatted_in_one_file() -> None:
    """Elsewhere stands the name of what a number is, such as ``percent``, not how it is written."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {spec}"
        for path, module in modules()
        if path != FORMATS
        for line, spec in number_formats(module)
    ]
    assert found == []


def number_formats(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The number formats of f-strings, and of strings whose ``format`` is taken."""
    for node in ast.walk(module):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            spec = "".join(str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))
            if NUMBER_FORMAT.search(spec):
                yield node.lineno, spec
        if isinstance(node, ast.Attribute) and node.attr == "format" and isinstance(node.value, ast.Constant):
            for spec in re.findall(r"\{[^}:]*:([^}]*)\}", str(node.value.value)):
                if NUMBER_FORMAT.search(spec):
                    yield node.lineno, spec


def test_the_search_for_formats_finds_them() -> None:
    """A test that finds nothing would hold as well where it can't see."""
    text = 'f"{x:.3g} {y:,} {z:.0%} {a:>{b}} {c:{d}.{e}f} {g!r:<20}"; "{:.2f}".format(1)'
    assert [spec for _, spec in number_formats(ast.parse(text))] == [".3g", ",", ".0%", ".f", ".2f"]


def test_no_public_type_name_has_two_homes() -> None:
    """A class or an alias of a type means one thing in the whole program."""
    homes: dict[str, list[str]] = defaultdict(list)
    for path, module in modules():
        for name in public_types(module):
            homes[name].append(str(path.relative_to(ROOT)))
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


def public_types(module: ast.Module) -> Iterator[str]:
    """The classes of a module, those within classes apart, and its aliases of types."""
    for node in module.body:
        name = ""
        if isinstance(node, ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = target.id if isinstance(target, ast.Name) else ""
            name = name if re.fullmatch(r"_?[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*", name) else ""
        if name and not name.startswith("_"):
            yield name


def test_the_search_for_types_finds_them() -> None:
    """Classes, aliases, and variables of types; constants, private names and values are none."""
    text = "class A1: ...\nclass _P: ...\n"
    text += "Floats = list[float]\nE: TypeAlias = int\nEntry: TypeAlias = int\nMOST = 3\nx = 1"
    assert list(public_types(ast.parse(text))) == ["A1", "Floats", "Entry"]
