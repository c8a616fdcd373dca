"""A whole order of a proof: a model and examples of a person's own functions, opened, audited, fixed and trained."""

import functools

import pytest

from initterm.engine.proof import paired_training, task
from initterm.engine.proof.order import audit_of, told
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditFinished, GraphMeasured
from initterm.experiments.audit.ignoring import LeftOut
from initterm.theory.refusal import Refusal

OWN = """
import keras
import numpy as np

class Code(keras.Model):
    def __init__(self):
        super().__init__()
        self.one = keras.layers.Dense(16, kernel_initializer="zeros", activation="relu", name="one")
        self.two = keras.layers.Dense(3, name="two")

    def call(self, x):
        return self.two(self.one(x))

def data():
    x = np.random.default_rng(0).standard_normal((160, 8))
    return x, (x[:, :3]).argmax(axis=1)

def none():
    return None
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "proved_code.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    for module in (task, paired_training):
        monkeypatch.setattr(module, "MOST_STEPS", 40)


@pytest.mark.slow
def test_code_that_only_its_examples_build_is_proved_with_those_of_a_function(own):
    choice = ModelChoice("proved_code:Code", proves=True, train_data="proved_code:data")
    board = functools.reduce(AuditBoard.after, audit_of(choice), AuditBoard(choice.target))
    plan, steps = board.proof.plan, board.proof.steps
    assert [fix.path for fix in board.fixed.fixes] == ["one/kernel"]
    assert plan.loss == "sparse categorical crossentropy of logits"
    assert (plan.train, plan.validation) == (128, 32)
    assert [step.step for step in steps[:10]] == [plan.steps // 10 * at for at in range(1, 11)]
    assert steps[9].fixed_loss == board.proof.pairs[0].fixed.train_loss


def test_examples_are_refused_before_anything_is_audited(own):
    choice = ModelChoice("proved_code:Code", proves=True, train_data="proved_code:none")
    with pytest.raises(Refusal, match=r"^proved_code:none: what it gives is None"):
        next(audit_of(choice))


@pytest.mark.parametrize(
    ("note", "is_sent", "outdated"), [("", True, 1), ("The signal couldn't be measured.", True, 0), ("None.", False, 1)]
)
def test_a_baseline_is_outdated_where_all_was_looked_for(note, is_sent, outdated):
    found = [GraphMeasured("data", note=note), AuditFinished(False, 1.0)]
    *_, finished = told(found, LeftOut(known={"dead_units:one"}), "the command", is_sent=is_sent)
    assert (len(finished.outdated), finished.renewal) == (outdated, "the command" * outdated)
