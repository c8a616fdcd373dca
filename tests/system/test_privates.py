"""What is private to a library is touched in one file each, so that a new version of it is one file's affair."""

import ast
from pathlib import Path

import initterm

ROOT = Path(initterm.__file__).parent
ASKED_BY_NAME = ("getattr", "hasattr", "setattr")


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


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
    """The private names that a file asks other objects for than the one it is a method of."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Attribute(value=ast.Name(id="self" | "cls")) | ast.Attribute(value=ast.Name(id="os"), attr="_exit")
            ):
                pass
            case ast.Attribute(attr=name) if is_private(name):
                yield name
            case ast.Call(func=ast.Name(id=function), args=[_, ast.Constant(value=str(name)), *_]):
                if function in ASKED_BY_NAME and is_private(name):
                    yield name


def files_that_use_what_is_private_elsewhere(folder):
    trees = {path: ast.parse(path.read_text()) for path in (ROOT / folder).rglob("*.py")}
    return {path.name for path, tree in trees.items() if set(used_in(tree)) - set(defined_in(tree))}


def test_one_file_touches_keras_s_private_parts():
    assert files_that_use_what_is_private_elsewhere("engine") == {"keras_privates.py"}


def test_one_file_touches_plotext_s_private_parts():
    assert files_that_use_what_is_private_elsewhere("tui/widgets") == {"plot.py"}


def test_nobody_else_touches_what_is_private():
    for folder in ("theory", "experiments", "pipe", "report", "cli"):
        assert files_that_use_what_is_private_elsewhere(folder) == set()
