"""A module is named by its file too; what looks like a model in it is found without running it."""

import sys

import pytest

from initterm.engine.models.modules import builders_in, module_named
from initterm.engine.models.source import open_model, place_of, returned
from initterm.report.audit.builders import builder_json, builder_tables
from initterm.theory.refusal import Refusal

CASES = '''
import keras
from keras import layers

print("ran")

def mlp(width=8):
    """A small one.

    More.
    """
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Dense(width)(inputs))
    return model

def deep(depth, *, norm):
    return keras.Sequential([keras.Input((4,)), *[layers.Dense(3) for _ in range(depth)]])

def pretrained():
    return keras.applications.VGG16(weights=None)

def twice():
    return mlp(2)

def block(x):
    inner = keras.Sequential([layers.Dense(3)])
    return inner(x)

def loader():
    def build():
        return keras.Sequential()
    return 3

def told(width) -> "keras.Model":
    return made[width]

class Own(keras.Model):
    def __init__(self, units, rate=0.1):
        super().__init__()

class Derived(Own):
    pass

class Layer(layers.Layer):
    pass

def _hidden():
    return keras.Sequential()
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "some_cases.py").write_text(CASES)
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "__init__.py").touch()
    (tmp_path / "inside" / "deep_cases.py").write_text(
        CASES.replace("def mlp", "from . import __name__ as at\n\ndef mlp")
    )
    yield tmp_path
    for name in ("some_cases", "inside", "inside.deep_cases"):
        sys.modules.pop(name, None)


def test_what_looks_like_a_model_is_found_and_nothing_else(folder, capsys):
    found = builders_in("some_cases")
    assert [one.target for one in found] == [
        f"some_cases:{name}" for name in ("mlp", "deep", "pretrained", "twice", "told", "Own", "Derived")
    ]
    assert [one.needs for one in found] == [(), ("depth", "norm"), (), (), ("width",), ("units",), ()]
    assert (found[0].told, found[0].line) == ("A small one.", 7)
    assert builders_in("some_cases.py")[0].target == "some_cases.py:mlp"
    assert "ran" not in capsys.readouterr().out
    assert "some_cases" not in sys.modules


def test_they_are_listed_with_the_command_that_audits_each(folder):
    found = builders_in("inside.deep_cases")
    head, table = builder_tables("inside.deep_cases", found)
    assert "inside.deep_cases" in str(head)
    assert list(table.columns[0].cells)[:2] == [
        "initterm audit inside.deep_cases:mlp",
        "initterm audit 'inside.deep_cases:deep(depth=…, norm=…)'",
    ]
    assert builder_json("m", found)["builders"][1]["needs"] == ("depth", "norm")


@pytest.mark.parametrize("target", ["some_cases.py:mlp(width=5)", "./inside/deep_cases.py:mlp(width=5)"])
def test_a_function_of_a_file(folder, target):
    assert open_model(target).model.output_shape == (None, 5)
    file, line = place_of(target)
    assert file.endswith("_cases.py")
    assert line > 5


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("gone.py:mlp", "There is no file gone.py"),
        ("json.py:mlp", "Python calls another module json; rename the file"),
        ("some_cases", "some_cases:mlp, some_cases:deep"),
        ("some_cases.py", "name a function in it"),
        ("broken.py", "can't be read"),
    ],
)
def test_what_is_no_function_of_a_file_is_a_sentence(folder, target, says):
    (folder / "json.py").write_text(CASES)
    (folder / "broken.py").write_text("def (")
    with pytest.raises(Refusal, match=says):
        open_model(target)


def test_examples_may_stand_in_a_file_too(folder):
    assert returned("some_cases.py:loader") == 3
    assert module_named("a.b") == "a.b"
