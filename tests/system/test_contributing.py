"""CONTRIBUTING names places that are there, and every error."""

import ast
import re
from pathlib import Path

import initterm

PACKAGE = Path(initterm.__file__).parent
ROOT = PACKAGE.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FLOORS = [path.name for path in PACKAGE.iterdir() if path.is_dir()]
ERRORS = {"Exception", "BaseException", "ValueError", "TypeError", "LookupError", "RuntimeError", "OSError"}


def test_every_place_is_there():
    quoted = re.findall(rf"`((?:tests|{'|'.join(FLOORS)})/[\w/.]*)`", TEXT)
    listed = re.findall(r"[├└]── \w+ +([\w/.]+)", TEXT)
    assert len(quoted) > 20
    assert len(listed) > 3
    assert [one for one in {*quoted, *listed} if not ((PACKAGE / one).exists() or (ROOT / one).exists())] == []


def test_every_name_in_the_table_is_there():
    source = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    rows = TEXT.partition("## Where to add what")[2].partition("## Words")[0]
    names = set(re.findall(r"`([A-Z]\w+|[a-z]+_[a-z_]+)[`=]", rows))
    assert {"Family", "FITTERS", "ActivationRow", "setting_options", "keras_class"} <= names
    assert [name for name in names if not re.search(rf"\b{name}\b", source)] == []


def test_every_error_stands_in_the_tree():
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py"))
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = {node.name: {ast.unparse(base) for base in node.bases} for node in classes}
    ours = {name for name in bases if ERRORS & bases[name]}
    ours |= {name for name in bases if ours & bases[name]}
    assert {"Refusal", "LineLost"} <= ours
    assert ours == set(re.findall(r"[├└]── (\w+)  ", TEXT))
