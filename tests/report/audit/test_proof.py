"""A proof as people read it and as JSON: nothing is claimed that the figures don't show."""

import functools
import io
from dataclasses import replace

import msgspec
import pytest
from rich.console import Console

from initterm.engine.audit.auditing import audited
from initterm.engine.comparison.comparing import compare
from initterm.engine.models.opened import OpenedModel
from initterm.engine.proof.order import prove
from initterm.engine.runtime import keras
from initterm.experiments.audit.board import ProofBoard
from initterm.experiments.audit.events import (
    Finding,
    Fix,
    FixedAudited,
    GraphMeasured,
    LayerPassed,
    Outcome,
    PairFinished,
    PairsPlanned,
    PairStepped,
    ProofFinished,
    ProofStarted,
)
from initterm.report.audit.proof import fixed_words, proof_json, proof_parts, training_sentences
from initterm.report.files import json_text
from tests.engine.audit.planted import depthwise, plain

SEEDS = (1, 2, 3)


def board_of(events):
    return functools.reduce(ProofBoard.after, events, ProofBoard())


def trained(as_it_stands, fixed, judged_by="accuracy", fixes=(), findings=(), note=""):
    """A proof whose training came to these outcomes."""
    layers = (LayerPassed("one", "Dense", 1.0, None, 0.0),)
    pairs = [PairFinished(*row) for row in zip(SEEDS, as_it_stands, fixed, strict=True)]
    figures = [[getattr(outcome, judged_by) for outcome in side] for side in (fixed, as_it_stands)]
    return board_of(
        [
            ProofStarted(),
            FixedAudited(tuple(fixes), GraphMeasured("standard normal", layers), tuple(findings)),
            PairsPlanned("mean squared error", judged_by, 100, 20, 16, 0.001, 50, SEEDS, note),
            *(PairStepped(seed, 50, 1.0, 0.5) for seed in SEEDS),
            *pairs,
            ProofFinished(compare(tuple(map(tuple, figures))), 1.0),
        ]
    )


def outcomes(*figures):
    return [Outcome(value, value, value) for value in figures]


@pytest.fixture(scope="module")
def found():
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    model = depthwise("he_normal")
    return model, audited(model, "mine")


def text_of(audited, proof, width=80):
    console = Console(width=width, record=True, file=io.StringIO())
    for part in proof_parts(replace(audited, proof=proof)):
        console.print(part)
    return console.export_text()


def test_what_was_fixed_and_both_signals_stand_side_by_side(found):
    model, audit = found
    text = text_of(audit, board_of(prove(OpenedModel(model), audit)))
    assert "Fixed 1 tensor; all else" in text
    assert "variance_scaling(scale=128.0" in text
    row = next(line.split() for line in text.splitlines() if line.startswith(" here "))
    before, after = float(row[1]), float(row[2])
    assert after == pytest.approx(8 * before, rel=0.1)
    assert "The fixed model's audit finds nothing." in text
    assert max(map(len, text.splitlines())) <= 80


def test_dropout_layers_that_were_fixed_are_counted_by_themselves():
    tensor = Fix("initializer", "d", "kernel", ("unsuited",), "glorot_uniform", "he_normal")
    dropout = Fix("alpha_dropout", "d", "", ("selu_dropout",), "Dropout", "AlphaDropout")
    assert fixed_words([tensor, tensor, dropout]) == "Fixed 2 tensors and 1 dropout layer"


def test_many_tensors_that_are_fixed_alike_take_one_row(found):
    fixes = [Fix("initializer", f"d{n}", "kernel", ("unsuited",), "glorot_uniform", "he_normal") for n in range(9)]
    text = text_of(found[1], trained(outcomes(1, 2, 3), outcomes(1, 2, 3), fixes=fixes))
    assert "d0/kernel, d1/kernel and 7 more" in text
    assert text.count("he_normal") == 1


def test_what_remains_is_named(found):
    left = [Finding("residual_growth", "warning", "add_7", "the stream grows", "", "", "")]
    text = text_of(found[1], trained(outcomes(1, 2, 3), outcomes(1, 2, 3), findings=left))
    assert "The fixed model's audit finds 1 warning" in text
    assert "add_7: the stream grows" in text


def test_a_note_stands_where_there_is_no_proof(found):
    proof = board_of([ProofStarted("It can't be built again."), ProofFinished(None, 0.1)])
    assert text_of(found[1], proof).strip() == "No proof: It can't be built again."
    assert proof_json(proof)["verdicts"] == []


BOTH = "The fixed model and the model as it stands"


@pytest.mark.parametrize(
    ("as_it_stands", "fixed", "judged_by", "says"),
    [
        ((0.10, 0.11, 0.12), (0.80, 0.82, 0.81), "accuracy", "The fixed model beats the model as it stands by"),
        ((0.80, 0.82, 0.81), (0.10, 0.11, 0.12), "accuracy", "The model as it stands beats the fixed model by"),
        (
            (0.50, 0.90, 0.60),
            (0.80, 0.50, 0.70),
            "accuracy",
            f"{BOTH} can't be told apart yet: between −89.6 and +89.6",
        ),
        ((2.3, 2.2, 2.3), (0.5, 0.51, 0.52), "loss", "The fixed model has a smaller validation loss"),
        ((0.5, 0.51, 0.52), (2.3, 2.2, 2.3), "train_loss", "The model as it stands has a smaller training loss"),
        (
            (2.0, 1.0, 2.0),
            (1.0, 2.0, 1.9),
            "loss",
            f"{BOTH} can't be told apart yet in validation loss: the difference is",
        ),
    ],
)
def test_the_verdict_is_what_the_seeds_show(as_it_stands, fixed, judged_by, says):
    (sentence,) = training_sentences(trained(outcomes(*as_it_stands), outcomes(*fixed), judged_by))
    assert sentence.startswith(says)


def test_a_model_that_diverged_is_said_to_have(found):
    lost = [Outcome(None, None, None, 4)] * 3
    proof = trained(lost, outcomes(0.8, 0.8, 0.9))
    assert list(training_sentences(proof)) == [
        "The model as it stands diverged with 3 of 3 seeds: its loss was NaN or infinite from step 4 on."
    ]
    assert text_of(found[1], proof).count("diverged") == 4


def test_what_the_figures_suffer_from_is_said(found):
    proof = trained(outcomes(1, 2, 3), outcomes(1, 2, 3), note="The statistics lag.")
    assert "The statistics lag." in text_of(found[1], proof)


def test_json_has_everything(found):
    model, audit = found
    told = msgspec.json.decode(json_text(proof_json(board_of(prove(OpenedModel(model), audit)))))
    assert {"note", "mended", "plan", "steps", "pairs", "judged", "seconds", "verdicts"} == told.keys()
    (fix,) = told["mended"]["remedies"]
    assert (fix["layer"], fix["tensor"], fix["checks"]) == ("here", "kernel", ["fan_convention"])
    assert [layer["layer"] for layer in told["mended"]["signal"]["layers"]] == ["here", "flatten", "head"]


def test_nothing_to_fix_is_no_proof():
    keras.utils.set_random_seed(1)
    model = plain()
    audit = audited(model)
    assert "nothing to fix" in text_of(audit, board_of(prove(OpenedModel(model), audit)))
