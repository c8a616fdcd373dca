"""The module that a person names, by its dotted name or by its file, and the functions in it that look like models.

Nothing here runs the module: its text is parsed. TensorFlow isn't needed.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from initterm.theory.refusal import Refusal, sentence_of, shown

ENDING = ".py"

BUILDING = ("Sequential", "Model", "Functional", "clone_model", "model_from_json")
"""Names of Keras's that give models when they are called."""

APPLICATIONS = "applications"
"""What stands in a dotted name of a function of Keras that gives a model."""

LARGEST = 2**22
"""Bytes of a module that is looked through."""


@dataclass(frozen=True)
class Builder:
    """A function or class of a module that looks as if it returned a model: what is named to audit it, where it
    stands, what it can't do without, and the first line of its docstring."""

    target: str
    line: int
    needs: tuple[str, ...]
    told: str


def module_named(name: str) -> str:
    """The dotted name of a module, also of one that is named by its file, whose folder is looked in from now on.

    Raises:
        Refusal: there is no such file, or Python can't import it by its name.
    """
    if not name.endswith(ENDING):
        return name
    path = Path(name)
    if not _is_file(path):
        raise Refusal(f"There is no file {shown(name)}; name one, or a module that is installed.")
    root, dotted = _root_and_name(path.resolve())
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    found = importlib.util.find_spec(dotted) if "." not in path.stem else None
    if found is None or not found.origin or Path(found.origin).resolve() != path.resolve():
        raise Refusal(f"{shown(name)} can't be imported, since Python calls another module {dotted}; rename the file.")
    return dotted


def _root_and_name(path: Path) -> tuple[Path, str]:
    """The folder that a file is imported from, above the packages that it lies in, and its dotted name there."""
    names, folder = [path.stem], path.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        names.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(names)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        return False


def is_module(target: str) -> bool:
    """Whether a target names a module alone: a file of Python's, or a dotted name that is found from here."""
    return target.endswith(ENDING) or _file_of(target) is not None


def _file_of(target: str) -> Path | None:
    """The file of a module's dotted name, here or in a folder that Python looks in; None where there is none."""
    parts = target.split(".")
    if not all(part.isidentifier() for part in parts):
        return None
    for folder in (Path.cwd(), *map(Path, sys.path)):
        stem = folder.joinpath(*parts)
        for path in (stem.with_name(stem.name + ENDING), stem / "__init__.py"):
            if _is_file(path):
                return path
    return None


def builders_in(target: str) -> tuple[Builder, ...]:
    """The functions and classes of a module that look as if they returned a model, in their order.

    Args:
        target: a file of Python's, or a dotted name.

    Raises:
        Refusal: there is no such module, or it can't be read.
    """
    path = Path(target) if target.endswith(ENDING) else _file_of(target)
    if path is None or not _is_file(path):
        raise Refusal(f"There is no module {shown(target)}; name one that stands in this folder or is installed.")
    try:
        with path.open("rb") as file:
            module = ast.parse(file.read(LARGEST))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refusal(f"{shown(target)} can't be read: {sentence_of(error)}") from None
    return tuple(_builders(module, target))


def _builders(module: ast.Module, target: str) -> Iterator[Builder]:
    """Each public function that returns a model, also by another one of the module; and each class of models."""
    known: set[str] = set()
    defined = [node for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    while more := {node.name for node in defined if node.name not in known and _gives_model(node, known)}:
        known |= more
    for node in defined:
        if node.name in known and not node.name.startswith("_"):
            needs = tuple(_needed(node))
            yield Builder(
                f"{target}:{node.name}", node.lineno, needs, (ast.get_docstring(node) or "").partition("\n")[0]
            )


def _gives_model(node: ast.FunctionDef | ast.ClassDef, known: set[str]) -> bool:
    """Whether it is a class of models, or a function that returns what a call of one gives."""
    if isinstance(node, ast.ClassDef):
        names = [_name(base) for base in node.bases]
        return any(name in known or name.rpartition(".")[2] in BUILDING for name in names)
    if node.returns is not None and _name(node.returns).rpartition(".")[2] in BUILDING:
        return True
    made = {name for one in _within(node) if isinstance(one, ast.Assign) and _is_model(one.value, known)
            for target in one.targets for name in [_name(target)]}  # fmt: skip
    returned = (one.value for one in _within(node) if isinstance(one, ast.Return) and one.value is not None)
    return any(_is_model(value, known) or _name(value) in made for value in returned)


def _is_model(value: ast.expr, known: set[str]) -> bool:
    """Whether an expression is a call of what gives models."""
    if not isinstance(value, ast.Call):
        return False
    name = _name(value.func)
    return name in known or name.rpartition(".")[2] in BUILDING or APPLICATIONS in name.split(".")


def _within(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """All that stands in a function, but for what stands in functions and classes within it."""
    rest: list[ast.AST] = list(function.body)
    while rest:
        node = rest.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            rest.extend(ast.iter_child_nodes(node))


def _name(node: ast.expr) -> str:
    """``keras.models.Sequential`` of such an expression, or of a text that stands for it; empty of any other."""
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.id if isinstance(node, ast.Name) else ""


def _needed(node: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    """The parameters without a default, of a class those of its ``__init__``."""
    if isinstance(node, ast.ClassDef):
        begins = (one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__")
        inner = next(begins, None)
        yield from list(_needed(inner))[1:] if inner else ()
        return
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    yield from (one.arg for one in positional[: len(positional) - len(arguments.defaults)])
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    yield from (one.arg for one, default in pairs if default is None)
