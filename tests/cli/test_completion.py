"""A shell completes what may stand where the cursor is, quickly, and is told nothing else."""

import subprocess
import sys

import pytest

from initterm import __main__
from initterm.cli import answer_shell, candidates, run
from initterm.cli.completion import COMPLETING, READS_IT
from initterm.experiments.audit.checks import CHECKS
from initterm.experiments.papers.catalogue import PAPERS
from initterm.experiments.training.experiment import Experiment
from initterm.theory.initializer_rows import FAMILIES
from tests.kept_runs import keep


@pytest.fixture
def completed(monkeypatch, capsys):
    """What bash would offer after these words, of which the last one isn't finished; kinds and values."""

    def of(*words, shell="bash"):
        monkeypatch.setenv(COMPLETING, f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", "\n".join(("initterm", *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        capsys.readouterr()
        assert answer_shell() == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out.split("\n")[:-1] if shell != "bash" else [tuple(line.split(",", 1)) for line in out.split()]

    return of


def values(offered):
    return [value for _, value in offered]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("wei",), ["weights"]),
        (("ru",), ["runs"]),
        (("runs", "comp"), ["compare"]),
        (("train", "--opt"), ["--optimizer"]),
        (("train", "--optimizer", "ada"), ["adam", "adamw", "adamax", "adagrad"]),
        (("train", "--activation", "gel"), ["gelu"]),
        (("train", "mend"), ["mended"]),
        (("train", "xavier_uniform_", "--epochs", "many", "he_n"), ["he_normal"]),
        (("signal", "--data", "mni"), ["mnist"]),
        (("guide", "swi"), []),
        (("audit", "--fail-on", ""), ["error", "warning", "never"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
    ],
)
def test_words_become_what_may_stand_there(completed, words, offered):
    assert values(completed(*words)) == offered


def test_whole_catalogues_are_offered(completed):
    assert values(completed("weights", "")) == list(FAMILIES)
    assert values(completed("papers", "")) == [*(paper.name for paper in PAPERS), "all"]
    assert values(completed("audit", "--explain", "")) == values(completed("audit", "--ignore", "")) == list(CHECKS)


def test_files_are_the_shells_own_affair(completed):
    assert completed("audit", "my") == [("file", "my")]
    assert completed("train", "--data", "my") == [("file", "my")]


def test_runs_are_offered_by_their_ids_and_said_what_they_are(completed):
    assert completed("runs", "show", "") == []
    first, second = keep(Experiment(epochs=2)), keep(Experiment(epochs=3), 1, name="the other")
    assert values(completed("runs", "show", "")) == ["last", second.id, first.id]
    assert completed("runs", "pin", first.id, second.id, shell="zsh") == ["plain", second.id, "the other"]
    assert candidates.runs()[first.id] == first.header.command


def test_a_folder_of_runs_that_cannot_be_read_is_no_error(completed, monkeypatch):
    monkeypatch.setenv("INITTERM_RUNS", "/dev/null/x")
    assert completed("runs", "show", "") == []


@pytest.mark.parametrize("shell", READS_IT)
def test_each_shell_is_given_its_script(shell, capsys):
    assert run(["completion", shell]) == 0
    out, err = capsys.readouterr()
    assert f"{COMPLETING}={shell}_complete" in out
    assert err == ""


def test_bash_reads_the_script_and_offers(tmp_path, capsys):
    """With a program of its own in the place of this one, which would take its time."""
    assert run(["completion", "bash"]) == 0
    (tmp_path / "initterm").write_text("#!/bin/sh\necho plain,he_normal\n")
    (tmp_path / "initterm").chmod(0o755)
    script = f"PATH={tmp_path}:$PATH\n{capsys.readouterr().out}\nCOMP_WORDS=(initterm weights he_)\nCOMP_CWORD=2\n"
    shell = ["bash", "--norc", "-c", script + '_initterm_completion initterm; echo "${COMPREPLY[@]}"']
    assert subprocess.run(shell, capture_output=True, text=True, check=True).stdout == "he_normal\n"


def test_the_program_answers_instead_of_opening_the_app(monkeypatch, completed):
    answered = []
    monkeypatch.setenv(__main__.COMPLETING, "bash_complete")
    monkeypatch.setattr(sys, "argv", ["initterm"])
    monkeypatch.setattr("initterm.cli.answer_shell", lambda: answered.append(True) or 0)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert (ended.value.code, answered) == (0, [True])
    assert __main__.COMPLETING == COMPLETING


def test_what_no_shell_asks_is_refused(monkeypatch, capsys):
    monkeypatch.setenv(COMPLETING, "cmd_source")
    assert answer_shell() == 2
    assert "set by shells alone" in capsys.readouterr().err


def test_completing_loads_neither_tensorflow_nor_what_draws():
    script = (
        "import os, sys; os.environ |= {'_INITTERM_COMPLETE': 'bash_complete', 'COMP_CWORD': '2',"
        " 'COMP_WORDS': 'initterm runs'}; from initterm.cli import answer_shell; answer_shell();"
        " print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "plain,show" in ended.stdout
    loaded = set(ended.stderr.split())
    assert not loaded & {"tensorflow", "keras", "scipy", "sklearn", "matplotlib", "textual", "plotext", "requests"}
