"""Every module of the project has a test that names it."""

import ast
import re
from pathlib import Path

import initterm

ROOT = Path(initterm.__file__).parents[1]
NAME = re.compile(r"initterm(?:\.\w+)+")


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def named_by(path):
    """Modules that a file imports, at its top or anywhere, or names in a text."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    for name in NAME.findall(source):
        parts = name.split(".")
        yield from (".".join(parts[:count]) for count in range(2, len(parts) + 1))


def does_anything(path):
    """Whether it defines a function or a class, and not only names of types."""
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(ast.parse(path.read_text())))


def test_every_module_is_named_by_a_test():
    files = [path for path in (ROOT / "initterm").rglob("*.py") if path.name != "__init__.py"]
    modules = {module_of(path) for path in files if does_anything(path)}
    named = {name for path in (ROOT / "tests").rglob("test_*.py") for name in named_by(path)}
    assert sorted(modules - named) == []
