"""What is private to a library is touched in one file each, so that a new version of it is one file's affair."""

import ast
import importlib
import inspect
import re
from functools import cache
from pathlib import Path

import pytest

import initterm

ROOT = Path(initterm.__file__).parent
PRIVATE = re.compile(r"_[a-z]\w*")
OF_SELF = re.compile(r"\bself\.(_[a-z]\w*)")


def trees_of(folder):
    return {path: ast.parse(path.read_text()) for path in (ROOT / folder).rglob("*.py")}


def defined_in(tree):
    """The private names that a file gives to something itself."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def used_in(tree):
    """The private names that a file asks other objects for than the one it is a method of; as a text, too."""
    pieces = {id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
    for node in ast.walk(tree):
        match node:
            case _ if id(node) in pieces:
                pass
            case ast.Attribute(value=ast.Name(id="self" | "cls" | "os")):
                pass
            case ast.Attribute(attr=name) | ast.Constant(value=str(name)) if PRIVATE.fullmatch(name):
                yield name


def files_that_use_what_is_private_elsewhere(folder):
    return {path.name for path, tree in trees_of(folder).items() if set(used_in(tree)) - set(defined_in(tree))}


def test_one_file_touches_keras_s_private_parts_and_one_tensorflow_s():
    assert files_that_use_what_is_private_elsewhere("engine") == {"keras_privates.py", "tensorflow_privates.py"}


def test_one_file_touches_plotext_s_private_parts_and_one_textual_s():
    assert files_that_use_what_is_private_elsewhere("tui") == {"plot.py", "textual_privates.py"}


@pytest.mark.parametrize("folder", ["theory", "experiments", "store", "pipe", "report", "cli"])
def test_nobody_else_touches_what_is_private(folder):
    assert files_that_use_what_is_private_elsewhere(folder) == set()


def private_parts_of(kind):
    """The private names of what a class has from Textual."""
    return set().union(*(parts_of(base) for base in kind.__mro__ if base.__module__.startswith("textual.")))


@cache
def parts_of(kind):
    return {*vars(kind), *OF_SELF.findall(inspect.getsource(kind))}


def private_names_in(node):
    for inner in ast.walk(node):
        match inner:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.Attribute(attr=name):
                if PRIVATE.fullmatch(name) and ast.unparse(inner) != "os._exit":
                    yield name


def test_no_class_overrides_or_uses_what_is_private_in_the_textual_class_it_extends():
    touching = set()
    for path, tree in trees_of("tui").items():
        module = importlib.import_module(".".join(path.relative_to(ROOT.parent).with_suffix("").parts))
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                kind = getattr(module, node.name)
                if set(private_names_in(node)) & private_parts_of(kind):
                    touching.add(path.name)
    assert touching == {"textual_privates.py"}


def test_private_modules_are_imported_where_private_parts_are_touched():
    lines = re.compile(r"^\s*(?:from|import) (?:textual|plotext|keras)\b.*\._\w", re.MULTILINE)
    assert {path.name for path in ROOT.rglob("*.py") if lines.search(path.read_text())} == {
        "plot.py",
        "textual_privates.py",
    }
