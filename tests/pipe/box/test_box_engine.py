"""An engine on another machine serves as one here; a line that is lost is begun again, and what is kept goes on."""

import sys
from concurrent.futures import Future

import pytest

from initterm import __version__
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.weights.events import Draw, Drawn
from initterm.pipe.another_host import Box
from initterm.pipe.box import engine as module
from initterm.pipe.box.engine import EngineOnBox
from initterm.pipe.box.relay import answered
from initterm.pipe.handshake import PROTOCOL
from initterm.pipe.protocol import Broken, Hello, MeasureSignal, Refused, Reply, encode
from initterm.pipe.run import Run
from initterm.pipe.state import EngineBroken, EngineLost, LineLost, ReadingLost
from initterm.pipe.there import EngineTold, Lost
from initterm.store.events import RunKept
from initterm.store.following import FollowedRun
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape
from tests.tui.fakes import run_events

HE = InitializerSpec("he_normal")
DRAW = Draw(HE, Shape((8, 4)), 42)
RUN = Experiment(epochs=2)


def test_a_kernel_is_drawn_there(reached):
    (drawn,) = Run(reached.engine, DRAW)
    assert isinstance(drawn, Drawn)
    assert (drawn.initializer, drawn.shape) == (HE, DRAW.shape)


def test_the_state_is_that_of_the_engine_there_with_the_machines_name(box):
    assert box.engine(lambda _: None).side.host == "me@box"
    assert "BatchMode" not in box.file("told").read_text()  # it may ask, as long as the screen isn't taken over


def test_what_is_told_of_a_run_is_whole_and_in_order(reached):
    assert [*reached.engine.train(RUN)] == [*run_events(RUN)]


def test_what_is_refused_or_breaks_there_is_so_here(reached):
    with pytest.raises(Refusal, match=r"Too deep\."):
        list(Run(reached.engine, MeasureSignal(SignalExperiment((HE,), Chain((8,) * 3)))))
    with pytest.raises(EngineBroken, match=r"^The engine met a bug of its own: LookupError: a bug there\.$"):
        list(reached.engine.replicate(_paper()))
    assert len([*Run(reached.engine, DRAW)]) == 1


def _paper():
    from initterm.experiments.papers.asked import PaperChoice
    from initterm.experiments.papers.catalogue import PAPERS

    return PaperChoice(PAPERS[0].name)


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (Refusal("Too deep."), Refused("Too deep.")),
        (EngineLost("It ended."), Lost("It ended.")),
        (EngineBroken("A bug."), Broken("A bug.")),
        (KeyError("x"), Broken("KeyError: 'x'")),
    ],
)
def test_what_goes_wrong_there_is_told(problem, told):
    def fail():
        raise problem

    assert answered(fail) == told
    assert answered(lambda: told) == told


def test_a_run_is_kept_there_and_cancelled_there(reached, box, tmp_path):
    run = reached.engine.train(RUN, keeps=True)
    events = iter(run)
    kept = next(event for event in events if isinstance(event, RunKept))
    assert reached.engine.kept_runs == (kept.id,)
    assert box.runs.find(kept.id).state == "running"
    run.cancel()
    list(events)
    until(lambda: box.runs.find(kept.id).state == "cancelled")
    assert not (tmp_path / "home" / "runs").exists()


def test_a_lost_line_is_said_and_begun_again_and_the_run_goes_on(reached, box, monkeypatch):
    monkeypatch.setattr(module, "SHORTEST_REST", 2)
    run = reached.engine.train(RUN, keeps=True)
    events = iter(run)
    kept = next(event for event in events if isinstance(event, RunKept)).id
    box.file("gone").touch()
    box.cut()
    with pytest.raises(LineLost, match="The line to me@box was lost; what is kept goes on there"):
        list(events)
    assert reached.until("restarting").text == "reconnecting in 2 s: the line is lost"
    with pytest.raises(ReadingLost):
        reached.engine.side.runs.find(kept)
    while reached.until("restarting").text != "reconnecting in 4 s: the line is lost":
        pass
    assert box.runs.find(kept).state == "running"
    box.file("gone").unlink()
    assert reached.until("ready").text == "ready · GPU 7"
    assert "BatchMode=yes" in box.file("told").read_text().splitlines()[-1]
    found = reached.engine.side.runs.find(kept)
    assert found.state == "running"
    (box.home / "go").touch()
    assert [*FollowedRun(found)][-1] == [*run_events(RUN)][-1]
    until(lambda: reached.engine.side.runs.find(kept).state == "finished")
    assert [run.id for run in reached.engine.side.runs.unseen()] == [kept]


def until(holds):
    import time

    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


class _Line:
    """A line that is lost after some requests: their answers fail by why, and nothing can be asked any more."""

    def __init__(self, requests):
        self.answers = [Future() for _ in range(requests)]

    def call(self, request):
        if not self.answers:
            raise LineLost("There is no line to me@box now.")
        answer = self.answers.pop()
        answer.set_exception(LineLost("The line to me@box was lost."))
        return 1, answer


@pytest.mark.parametrize(("requests", "told"), [(1, "was lost"), (module.AHEAD, "was lost"), (0, "no line")])
def test_what_was_asked_of_a_lost_line_tells_that_it_was_lost(requests, told):
    with pytest.raises(LineLost, match=told):
        module.RunThere(_Line(requests), None).ask().result()


def test_what_would_have_to_ask_for_a_password_is_a_sentence(reached, box):
    box.file("denied").touch()
    box.cut()
    assert "me@box asks for a password; quit, and start initterm again to be asked." in reached.until("failed").text
    box.file("denied").unlink()
    reached.engine.restart()
    assert reached.until("ready")


HELLO = encode(Reply(0, Hello(__version__, PROTOCOL))) + b"\n"
TOLD = encode(Reply(0, EngineTold("ready", ""))) + b"\n"
MAD = {
    "a line of more than": "while True: said.write(b'x' * 65536)",
    "without end what nobody asked for": f"while True: said.write({TOLD!r})",
    "can't be read": "said.write(b'[' * 10**6 + b'\\n')",
}


@pytest.mark.parametrize("says", MAD)
def test_a_hostile_machine_is_left_with_a_sentence(reached, box, monkeypatch, says):
    monkeypatch.setattr(module, "SHORTEST_REST", 0)
    box.file("mad").write_text(f"import os\nsaid = os.fdopen(1, 'wb', 0)\nsaid.write({HELLO!r})\n{MAD[says]}")
    box.cut()
    assert says in reached.until("failed").text
    with pytest.raises(LineLost):
        reached.engine.call(DRAW)


def test_the_engine_there_is_restarted(reached):
    reached.engine.restart()
    assert reached.until("restarting", "loading")
    assert reached.until("ready")
    assert len([*Run(reached.engine, DRAW)]) == 1


@pytest.mark.parametrize(
    ("file", "python", "words"),
    [
        ("gone", sys.executable, "me@box can't be reached"),
        ("told", "no-python", "me@box has no no-python that can be started; --python names"),
    ],
)
def test_a_box_that_can_not_be_had_is_a_sentence_before_the_app_opens(box, capfd, file, python, words):
    box.file(file).touch()
    with pytest.raises(Refusal, match=words):
        EngineOnBox(lambda _: None, Box.parse("me@box", python)).open()
    assert "ssh: connect to host box: No route to host" in capfd.readouterr().err or file != "gone"
