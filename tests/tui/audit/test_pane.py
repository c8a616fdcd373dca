"""Audit: a model is named, its findings come first, and what stands before stays until the next is there."""

import asyncio
import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditFinished, AuditStarted, Finding, Fix, GraphMeasured, TensorAudited
from initterm.experiments.training.model import ModelSpec
from initterm.pipe.paths import paths_matching
from initterm.report.audit.results import Alike
from initterm.theory.refusal import Refusal
from initterm.tui.app import InittermApp
from initterm.tui.audit.entries import AuditList
from initterm.tui.audit.form import ModelForm, parse_modules
from initterm.tui.audit.models import EXAMPLES, MOST_RECENT, KeptModels, ModelList
from initterm.tui.audit.pane import AuditPane
from initterm.tui.export import ExportScreen
from initterm.tui.run_pane import RunAdvanced
from initterm.tui.training.pane import TrainPane
from initterm.tui.weights.pane import ExplorePane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.path_field import PathField
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.sentence import Problem
from tests.tui.conftest import rest
from tests.tui.fakes import FINDINGS, FIX, FakeRun


@pytest.fixture
def panes():
    return ["audit", "guide"]


MODEL = """
import keras

def build():
    keras.utils.set_random_seed(1)
    return keras.Sequential([
        keras.Input((6, 6, 64)),
        keras.layers.DepthwiseConv2D(3, depthwise_initializer="he_normal", activation="relu", name="stem"),
        keras.layers.Flatten(),
        keras.layers.Dense(10, "softmax", name="head"),
    ])
"""


def pane(pilot):
    return pilot.app.query_one(AuditPane)


def entries(pilot):
    return pilot.app.query_one(AuditList)


def words(pilot, selector):
    return str(pilot.app.query_one(selector, Static).render())


def problem(pilot):
    return pilot.app.query_one("#audit #problem", Problem).sentence


async def audit(pilot, target="models:net", *keys):
    await pilot.press("5")
    await rest(pilot)
    model = pilot.app.query_one("#audit-model", PathField)
    model.set_text(target)
    model.focus()
    await pilot.press("enter")
    await rest(pilot)
    await pilot.press(*keys)
    await rest(pilot)


async def test_findings_come_first_with_evidence_and_fix(opened):
    async with opened() as pilot:
        await audit(pilot)
        assert pilot.app.engine.choices == [ModelChoice("models:net")]
        assert entries(pilot).has_focus
        assert entries(pilot).chosen == FINDINGS[0]
        assert "1 error, 3 notes" in words(pilot, "#audit-headline")
        assert "Keras counts fan_in 576" in words(pilot, "#audit-words")
        assert FIX in words(pilot, "#audit-words").replace("\n", "")
        histogram = pilot.app.query_one("#audit-histogram", Plot).drawing
        assert histogram.bars
        assert histogram.curves
        assert "◆ stem" in pilot.app.query_one("#audit-signal", Plot).drawing.title
        assert "ln(10) = 2.303" in words(pilot, "#audit-doing")


async def test_findings_of_a_kind_are_told_once(opened):
    async with opened() as pilot:
        await audit(pilot, "models:net", "down", "down")
        assert isinstance(entries(pilot).chosen, Alike)
        assert "2 more of this kind: two/kernel, three/kernel" in words(pilot, "#audit-words")


async def test_tensors_beside_their_laws(opened):
    async with opened((120, 36)) as pilot:
        await audit(pilot, "models:net", "v")
        assert isinstance(entries(pilot).chosen, TensorAudited)
        assert "fan_in 576 → 9" in words(pilot, "#audit-words")
        assert "error: he_normal comes out 8 times too small" in words(pilot, "#audit-words")
        await pilot.press("down")
        await rest(pilot)
        assert "64×10 · glorot_uniform · fan_in 64" in words(pilot, "#audit-words")
        await pilot.press("enter")
        await rest(pilot)
        assert pilot.app.pane == "explore"
        assert str(pilot.app.query_one(ExplorePane).choice.initializer) == "glorot_uniform"


async def test_nothing_named_is_a_sentence(opened):
    async with opened() as pilot:
        await audit(pilot, "")
        assert "Name a .keras or .h5 file" in problem(pilot)
        assert pilot.app.engine.choices == []


async def test_what_is_refused_leaves_the_text_and_the_audit_before(opened):
    async with opened() as pilot:
        await audit(pilot)
        pilot.app.engine.audit_run_of = lambda _: FakeRun([], Refusal("There is no file net.keras."))
        await audit(pilot, "net.keras")
        assert problem(pilot) == "There is no file net.keras."
        assert pilot.app.query_one("#audit-model", PathField).value == "net.keras"
        assert pane(pilot).board.target == "models:net"
        assert entries(pilot).option_count


async def test_an_audit_can_be_cancelled(opened):
    async with opened() as pilot:
        pilot.app.engine.audit_run_of = lambda choice: FakeRun([AuditStarted(choice.target, 2, 9)], hold=True)
        await pilot.press("5")
        await pilot.press("s")
        pilot.app.query_one("#audit-model", PathField).set_text("models:slow")
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert "Measuring its tensors" in words(pilot, "#audit-doing")
        pane(pilot).action_stop()
        await rest(pilot)
        assert problem(pilot) == "Cancelled."
        assert not pane(pilot).running


async def test_a_proof_says_what_was_fixed(opened):
    async with opened((120, 36)) as pilot:
        await audit(pilot, "models:net", "w")
        assert pilot.app.engine.choices[-1].proves
        assert "Fixed 1 tensor. The fixed model's audit finds nothing." in words(pilot, "#audit-proof")
        assert "fixed" in pilot.app.query_one("#audit-signal", Plot).drawing.title
        entries(pilot).go_to(lambda entry: isinstance(entry, Fix))
        await rest(pilot)
        assert "fixed: variance_scaling(scale=128)" in words(pilot, "#audit-words")


async def test_what_a_run_before_tells_is_ignored(opened):
    async with opened() as pilot:
        await audit(pilot)
        pane(pilot).post_message(RunAdvanced(0, AuditStarted("other", 1, 1)))
        await rest(pilot)
        assert pane(pilot).board.target == "models:net"


async def test_a_filter_and_the_way_out_of_it(opened):
    async with opened() as pilot:
        await audit(pilot, "models:net", "slash", *"glorot", "enter")
        assert not any(isinstance(entry, Finding) and entry.layer == "stem" for entry in entries(pilot)._entries)
        assert entries(pilot).has_focus
        await pilot.press("escape")
        await rest(pilot)
        assert pilot.app.query_one("#audit-filter", Input).value == ""
        assert entries(pilot).chosen == FINDINGS[0]


async def test_the_pane_begins_outside_of_its_inputs_and_escape_leaves_them(opened):
    async with opened() as pilot:
        await pilot.press("5", "4")
        assert pilot.app.pane == "guide"
        await pilot.press("5", "s", *"a.keras?", "escape", "4")
        assert pilot.app.pane == "guide"
        assert pane(pilot)._form.model.value == "a.keras?"


async def test_an_example_is_audited_at_once_and_recent_models_stand_over_it(opened):
    async with opened() as pilot:
        await pilot.press("5", "enter")
        await rest(pilot)
        assert pilot.app.engine.choices == [ModelChoice(next(iter(EXAMPLES)))]
        assert entries(pilot).has_focus
        await audit(pilot, "models:net")
        await pilot.press("escape")
        await rest(pilot)
        models = pilot.app.query_one(ModelList)
        assert models.has_focus
        assert models.chosen == ModelChoice("models:net")
        await pilot.press("escape")
        assert entries(pilot).has_focus
    async with opened() as pilot:  # and at the next start
        await pilot.press("5", "enter")
        await rest(pilot)
        assert pilot.app.engine.choices == [ModelChoice("models:net")]
        assert pilot.app.query_one("#audit-model", PathField).value == "models:net"


def test_the_last_models_are_kept_each_once():
    kept = KeptModels()
    for number in (*range(MOST_RECENT + 2), 5):
        kept = kept.after(ModelChoice(f"models:net{number}"))
    assert [choice.target[-1] for choice in kept.recent] == list("59876432")
    assert kept.after(ModelChoice(next(iter(EXAMPLES)))) == kept


@pytest.mark.parametrize("target", EXAMPLES)
def test_an_example_is_there(target):
    module, _, function = target.partition(":")
    assert callable(getattr(import_module(module), function))


async def test_copies_the_fix_and_the_command(opened, monkeypatch):
    copied = []
    monkeypatch.setattr(InittermApp, "copy_to_clipboard", lambda _, text: copied.append(text))
    async with opened() as pilot:
        await audit(pilot, "models:net", "y", "Y")
        assert copied == [FIX, "initterm audit models:net"]


async def test_data_examples_and_modules_are_part_of_the_choice(opened):
    async with opened() as pilot:
        await pilot.press("5")
        form = pilot.app.query_one(ModelForm)
        for name, text in (("audit-model", "m.keras"), ("audit-data", "x.npz"), ("audit-train", "xy.npz")):
            form.query_one(f"#{name}", PathField).set_text(text)
        form.query_one("#audit-import", Input).value = "my.layers, more"
        await rest(pilot)
        modules = ("my.layers", "more")
        assert form.choice() == ModelChoice("m.keras", "x.npz", modules)
        assert form.choice(proves=True) == ModelChoice("m.keras", "x.npz", modules, True, "xy.npz")


async def test_inputs_weights_and_what_is_left_out_are_part_of_the_choice_and_shown_again(opened):
    asked = ModelChoice(
        "models:net", inputs=("tokens=(16,) int32", "mask=(16,)"), ignore=("unsuited:a*", "identical"), weights="w.h5"
    )
    async with opened() as pilot:
        await pilot.press("5")
        form = pilot.app.query_one(ModelForm)
        form.query_one("#audit-model", PathField).set_text("models:net")
        form.query_one("#audit-weights", PathField).set_text("w.h5")
        form.query_one("#audit-inputs", Input).value = "tokens=16 int32; mask = 16"
        form.query_one("#audit-ignore", Input).value = "unsuited:a*, identical"
        await rest(pilot)
        assert form.choice() == asked
        form.show(ModelChoice("models:net"))
        await rest(pilot)
        assert form.choice() == ModelChoice("models:net")
        form.show(asked)
        await rest(pilot)
        assert form.choice() == asked
        form.query_one("#audit-ignore", Input).value = "unsuited identicall"
        await rest(pilot)
        with pytest.raises(Refusal, match="did you mean identical"):
            form.choice()


def test_modules_are_names():
    assert parse_modules(" a.b, c ") == ("a.b", "c")
    with pytest.raises(Refusal, match="not the name of a module"):
        parse_modules("a/b.py")


@pytest.mark.parametrize("choice", [ModelChoice("a b.keras"), ModelChoice("m:f", "x y.npz", ("a", "b"), True, "t.npz")])
def test_the_command_audits_the_same(choice):
    import shlex

    from initterm.cli.audit import audit as command

    context = command.make_context("audit", shlex.split(choice.command)[2:])
    given = context.params
    assert (given["model"], given["modules"], given["proves"]) == (choice.target, choice.modules, choice.proves)
    assert (str(given["data"] or ""), str(given["examples"] or "")) == (choice.data, choice.train_data)


def test_paths_that_fit(tmp_path, monkeypatch):
    for name in ("net.keras", "net2.h5", "notes.txt", ".hidden.keras"):
        (tmp_path / name).touch()
    (tmp_path / "nets").mkdir()
    monkeypatch.chdir(tmp_path)
    assert paths_matching("ne", (".keras", ".h5")) == ["net.keras", "net2.h5", "nets/"]
    assert paths_matching(f"{tmp_path}/net.", (".keras",)) == [f"{tmp_path}/net.keras"]
    assert paths_matching(".h", (".keras",)) == [".hidden.keras"]
    for nowhere in ("nowhere/a", "\0/", "~nobody-of-this-name/", "models:net"):
        assert paths_matching(nowhere, (".keras",)) == []


async def test_a_path_is_chosen_from_the_list(opened, tmp_path, monkeypatch):
    (tmp_path / "net.keras").touch()
    (tmp_path / "other.keras").touch()
    monkeypatch.chdir(tmp_path)
    async with opened() as pilot:
        await pilot.press("5", "s")
        await rest(pilot)
        await pilot.press("space")
        await rest(pilot)
        field = pilot.app.query_one("#audit-model", PathField)
        assert field.is_open
        await pilot.press("down", "down", "enter")
        await rest(pilot)
        assert field.value == "other.keras"
        assert pilot.app.engine.choices == [ModelChoice("other.keras")]


async def test_everything_is_exported(opened, tmp_path):
    async with opened() as pilot:
        await audit(pilot, "models:net", "w")
        for ending in (".json", ".xml"):
            path = tmp_path / f"audit{ending}"
            await pilot.press("e")
            assert isinstance(pilot.app.screen, ExportScreen)
            pilot.app.screen.query_one("#path", Input).value = str(path)
            await pilot.press("enter")
            await rest(pilot)
            assert path.exists()
        told = json.loads((tmp_path / "audit.json").read_text())
        assert [one["severity"] for one in told["findings"]] == ["error", "note", "note", "note"]
        assert told["proof"]["mended"]["remedies"]


async def test_the_real_worker_with_the_real_engine(shared_engine, tmp_path, monkeypatch):
    """The app's worker, the engine's process, Keras: a function of the person's own, fixed and audited again."""
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(MODEL, encoding="utf-8")
    app = InittermApp(shared_engine.for_an_app)
    async with app.run_test(size=(120, 36)) as pilot:
        while not app.engine_state.ready or app.starting:
            await asyncio.sleep(0.05)
        await pilot.press("5")
        await pilot.press("s")
        pilot.app.query_one("#audit-model", PathField).set_text("own:build")
        await pilot.press("enter")
        while pane(pilot).board is None or pane(pilot).running:
            await asyncio.sleep(0.05)
        await pilot.pause(0.3)
        assert "he_normal comes out 8 times too small" in entries(pilot).chosen.what
        await pilot.press("w")
        while pane(pilot).running or not (proof := pane(pilot).board.proof) or not proof.finished:
            await asyncio.sleep(0.05)
        assert [fix.path for fix in proof.fixed.fixes] == ["stem/kernel"]
        assert [finding for finding in proof.fixed.findings if finding.severity != "note"] == []


async def test_t_takes_the_audited_model_to_train_as_declared_and_as_mended(opened):
    async with opened(panes=["audit", "train"]) as pilot:
        train = pilot.app.query_one(TrainPane)
        before = train.experiment()
        await pilot.press("5", "t")
        await rest(pilot)
        assert pilot.app.pane == "audit"  # there is no model yet
        pilot.app.query_one("#audit-train", PathField).set_text("pairs.npz")
        pilot.app.query_one("#audit-import", Field).set_text("my.layers, more")
        await audit(pilot, "models:net(depth=3)")
        await pilot.press("t")
        await rest(pilot)
        experiment = train.experiment()
        assert pilot.app.pane == "train"
        assert experiment.own == ModelSpec("models:net(depth=3)", "my.layers, more", "pairs.npz", own_optimizer=True)
        assert [str(one) for one in experiment.contenders] == ["declared", "mended"]
        assert pilot.app.engine.experiments == []
        await pilot.press("u")
        await rest(pilot)
        assert train.experiment() == before


async def test_examples_of_another_model_stay_in_audit(opened):
    async with opened(panes=["audit", "train"]) as pilot:
        await audit(pilot, "models:net")
        pilot.app.query_one("#audit-model", PathField).set_text("models:other")
        pilot.app.query_one("#audit-train", PathField).set_text("others.npz")
        await rest(pilot)
        await pilot.press("t")
        await rest(pilot)
        own = pilot.app.query_one(TrainPane).experiment().own
        assert (own.model, own.train_data) == ("models:net", "")


async def test_what_of_a_baseline_is_outdated_stands_below_the_headline(opened):
    async with opened() as pilot:
        await audit(pilot, "models:net")
        board = pane(pilot).board
        finished = AuditFinished(False, 1.0, 0, ("off_law:a/kernel",), "initterm audit m:f --write-baseline b.json")
        pane(pilot).board = replace(board, finished=finished)
        pane(pilot).redraw()
        await rest(pilot)
        assert pilot.app.query_one("#audit-proof").display
        assert "initterm audit m:f --write-baseline b.json writes it anew." in words(pilot, "#audit-proof")


async def test_where_no_signal_was_measured_its_plot_leaves_its_room_to_the_histogram(opened):
    async with opened() as pilot:
        await audit(pilot, "models:net")
        signal, histogram = pilot.app.query_one("#audit-signal", Plot), pilot.app.query_one("#audit-histogram", Plot)
        assert signal.display
        before = histogram.size.width
        pane(pilot).board = replace(pane(pilot).board, signal=GraphMeasured("", note="No signal."))
        pane(pilot).redraw()
        await rest(pilot)
        assert not signal.display
        assert histogram.size.width > before
