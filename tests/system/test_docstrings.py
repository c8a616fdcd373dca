"""Public methods of the app say what they are for, but for those that Textual names."""

import ast
import re
from pathlib import Path

import initterm

HOOKS = re.compile(r"(action|on|watch)_\w+|compose|render(_line)?|check_action|get_suggestion")
METHOD = ast.FunctionDef | ast.AsyncFunctionDef
FILES = sorted((Path(initterm.__file__).parent / "tui").rglob("*.py"))


def undocumented(text):
    """The public methods without a docstring, but for hooks."""
    classes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef))
    methods = (one for owner in classes for one in owner.body if isinstance(one, METHOD))
    public = (one for one in methods if not one.name.startswith("_"))
    return [one.name for one in public if not HOOKS.fullmatch(one.name) and not ast.get_docstring(one)]


def test_every_public_method_that_is_no_hook_has_a_docstring():
    assert {str(path): names for path in FILES if (names := undocumented(path.read_text(encoding="utf-8")))} == {}


def test_one_that_has_none_would_be_found():
    methods = "".join(f"    def {name}(self): ...\n" for name in ("on_mount", "show", "_go"))
    assert undocumented(f"class A:\n{methods}") == ["show"]
