import msgspec
import pytest

from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.store.header import Label
from initterm.store.search import Filter
from initterm.store.writer import header_of
from initterm.theory.refusal import Refusal

DEEP = Experiment(network=NetworkSpec(hidden=(64,) * 30, batch_norm=True), learning_rate=0.01, seeds=5)
TRAINING = msgspec.structs.replace(
    header_of("20261130-064512-3fa2", DEEP), data="MNIST", began=0.0, ended=90.0, leader="he_normal", state="finished"
)
PAPER = header_of("20261130-064512-0000", PaperChoice("glorot2010", "auto", 3))
LABEL = Label(name="deep and slow", note="the one for Tuesday", pinned=True)


def found(text, header=TRAINING, label=LABEL, state="finished"):
    return Filter.parse(text).holds(header, label, state)


@pytest.mark.parametrize(
    "text",
    ["", "glorot", "HE_normal mnist", "'deep and slow'", "tuesday", "3fa2", "--hidden", "pinned",
     "data:mnist", "depth>20", "depth>=30", "depth:30", "width=64", "lr>0.001", "learning-rate=0.01", "batch_norm:yes",
     "activation:relu", "epochs=10", "optimizer!=sgd", "state:fin", "kind:train", "state!=running", "took>60",
     "leader:he", "initializer:glorot_uniform", "note:tues", "began<1971", "hidden:64*30"],
)  # fmt: skip
def test_finds_what_is_said_of_a_run(text):
    assert found(text)


@pytest.mark.parametrize(
    "text",
    ["lecun", "glorot lecun", "data:digits", "depth>30", "depth<20", "lr<0.001", "batch_norm:no", "activation:tanh",
     "state:interrupted", "kind:papers", "took<60", "width>64", "optimizer!=adam", "began>1971", "mnist depth<5"],
)  # fmt: skip
def test_leaves_out_the_others(text):
    assert not found(text)


def test_what_a_kind_of_run_has_not_is_not_found():
    assert not found("depth<5", PAPER, Label())
    assert not found("optimizer!=sgd", PAPER, Label())
    assert found("paper:glorot seed:3 kind:pap state:running", PAPER, Label(), "running")
    assert not found("pinned", PAPER, Label())


def test_the_state_is_that_of_now():
    assert found("state:interrupted", state="interrupted")
    assert not found("state:running", state="interrupted")


def test_a_run_under_way_took_no_time_yet():
    assert not found("took>0", PAPER, Label())


@pytest.mark.parametrize(
    ("text", "says"),
    [("dpth>20", "did you mean depth"), ("zzz:1", "a state, a kind, data and settings"), ("depth>deep", "is none"),
     ("state:sleeping", "one of running, finished"), ("kind>train", "one of train"), ("data:", "lacks what")],
)  # fmt: skip
def test_what_makes_no_sense_is_said(text, says):
    with pytest.raises(Refusal, match=says):
        Filter.parse(text)


def test_a_quote_without_an_end_is_a_sign_like_others():
    assert found("deep", label=Label(name='the "deep one'))
    assert found('"deep', label=Label(name='the "deep one'))
