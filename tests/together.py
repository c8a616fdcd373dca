"""Two apps and three commands at once on one folder of runs, and then two that resume the same run.

``python -m tests.together FOLDER`` exits with status 1, and says why, where anything is lost or mixed.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from initterm.experiments.training.events import EpochFinished
from initterm.store.runs import Runs
from initterm.theory.refusal import Refusal
from tests.forks import EXPERIMENT, AppLog, command, ended, forked, prepare, until
from tests.killing import history, runs_in, twice

APPS, COMMANDS = 2, 3
EXPERIMENTS = [replace(EXPERIMENT, seed=1000 * index) for index in range(APPS + COMMANDS)]


def all_at_once(folder: Path) -> None:
    """Each with an experiment of its own."""
    pids = [forked(lambda one=one: command("", one)) for one in EXPERIMENTS[APPS:]]
    for index, experiment in enumerate(EXPERIMENTS[:APPS]):
        log = AppLog(folder / f"app.{index}")
        pids.append(forked(lambda log=log, experiment=experiment: log.app("", experiment)))
    until(lambda: all(ended(pid) for pid in pids), "all of them")


def wrong_with_all(folder: Path) -> list[str]:
    """What isn't as it must be, run by run, each of which is compared to the same run alone."""
    runs = [Runs().find(one) for one in Runs().ids()]
    wrong = [f"{run.id} is {run.state}" for run in runs if run.state != "finished"]
    asked = {run.asked.seed: run for run in runs}
    if sorted(asked) != [one.seed for one in EXPERIMENTS] or len(runs) != len(EXPERIMENTS):
        wrong.append(f"{len(runs)} runs, of seeds {sorted(asked)}")
    if len(Runs().rows()) != len(runs):
        wrong.append("the list has other runs than the folder")
    for run in runs:
        events = list(run.reader())
        epochs = sum(isinstance(event, EpochFinished) for event in events)
        if epochs != 30 or twice(events):
            wrong.append(f"{run.id} tells of {epochs} epochs, twice of {twice(events)}")
    together = history(list(asked[EXPERIMENTS[0].seed].reader()))
    with runs_in(folder / "alone"):
        pid = forked(lambda: command("", EXPERIMENTS[0]))
        until(lambda: ended(pid), "a run alone")
        if history(list(Runs().find("last").reader())) != together:
            wrong.append("a run among others differs from the same alone")
    return wrong


def wrong_with_two_that_resume(folder: Path) -> list[str]:
    """One goes on, the other is refused."""
    with runs_in(folder / "resumed"):
        pid = forked(lambda: command(""))
        until(lambda: any(path.stat().st_size > 6000 for path in Runs().folder.glob("*/events.jsonl")), "half a run")
        os.kill(pid, 9)
        until(lambda: ended(pid), "its end")
        run = Runs().find("last")
        before = run.state
        pids = [forked(lambda index=index: _resume(run.id, folder / f"resumed.{index}")) for index in range(2)]
        until(lambda: all(ended(pid) for pid in pids), "two that resume")
        told = sorted((folder / f"resumed.{index}").read_text() for index in range(2))
        events = list(Runs().find("last").reader())
    if (before, told[0]) != ("interrupted", "") or "written already, by process" not in told[1] or twice(events):
        return [f"the run was {before}, those who resumed it were told {told}, twice: {twice(events)}"]
    return []


def _resume(run: str, answer: Path) -> None:
    try:
        command(run)
    except Refusal as refusal:
        answer.write_text(str(refusal))
    else:
        answer.write_text("")


def main(folder: Path) -> int:
    """Let them all run, and say what is wrong."""
    prepare()
    with runs_in(folder / "runs"):
        all_at_once(folder)
        wrong = wrong_with_all(folder)
    wrong += wrong_with_two_that_resume(folder)
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
