"""What is told of a check is true: its example has what it finds, and mended hasn't; and every check has a page."""

import ast
from pathlib import Path

import pytest

from initterm.engine.audit import auditing
from initterm.engine.audit.auditing import audit, audited
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.rebuilding import built_again
from initterm.engine.models.recording import initializers_recorded
from initterm.engine.runtime import keras
from initterm.experiments.audit.check_page import dense, repeated
from initterm.experiments.audit.checks import CHECKS, check_called
from initterm.experiments.audit.checks_of_declarations import OF_DECLARATIONS
from initterm.experiments.audit.checks_of_models import OF_MODELS
from initterm.experiments.audit.checks_of_values import OF_VALUES
from initterm.experiments.audit.events import Finding
from initterm.theory.refusal import Refusal


def built(code):
    keras.utils.set_random_seed(2)
    names = {}
    exec(code, names)
    return names["model"]


def found(code):
    model = built(code)
    return {finding.check for finding in (audited(model).findings if isinstance(model, keras.Model) else twice(model))}


def twice(function):
    """What is found of the model that a function builds, which is called again as an audit of it does."""

    def opened():
        with initializers_recorded() as recording:
            model = function()
        return OpenedModel(model, "model", recorded=recording.of(model))

    events = audit(built_again(opened(), opened))
    return [event for event in events if isinstance(event, Finding)]


DEEP = ("unsuited", "gradient_explodes", "gradient_vanishes", "signal_explodes", "signal_vanishes", "residual_growth")
"""Checks whose examples have many layers."""


def checked(page):
    return pytest.param(page, id=page.name, marks=[pytest.mark.slow] * (page.name in DEEP))


@pytest.mark.filterwarnings(r"ignore:`build\(\)` was called on layer 'net")
@pytest.mark.parametrize("page", [checked(page) for page in CHECKS.values()])
def test_the_check_finds_its_example_and_not_the_mended_one(page):
    assert page.example.count(page.fault) == 1
    assert max(map(len, f"{page.example}\n{page.mended}".splitlines())) <= 76, "a terminal has 80 columns"
    assert page.name in found(page.example)
    assert page.name not in found(page.mended)


def names_of_checks():
    """What findings are called in the code of the audit."""
    for path in Path(auditing.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            if called in ("found", "Finding") and node.args:
                yield from (one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant))


def test_every_check_has_a_page():
    found = {name for name in names_of_checks() if not name.endswith("_")}
    assert {"fan_convention", "off_law", "dependent"} <= found <= set(CHECKS)


def test_no_check_has_two_pages():
    assert len(CHECKS) == len(OF_VALUES) + len(OF_DECLARATIONS) + len(OF_MODELS)


def test_a_check_is_called_by_its_name_or_refused():
    assert check_called("Fan convention").name == "fan_convention"
    with pytest.raises(Refusal, match="did you mean residual_growth"):
        check_called("residual_grow")


def test_code_of_examples_is_a_model():
    assert [layer.units for layer in built(dense('3, "relu"')).layers] == [3, 10]
    assert len(built(repeated("Dense(4)", 5, 4)).layers) == 6
