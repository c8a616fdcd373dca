"""Measures what the Guide's answers quote, and writes it into the package: ``python -m docs.guide_figures``.

MNIST is where INITTERM_MNIST or Keras's cache has it. Experiments that were measured as they are now are left as they
are, unless ``--all`` is given. One thread computes, so that the number of cores doesn't matter.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Iterator, Sequence

import msgspec

from initterm.engine.comparison.paired import interval_of_share
from initterm.engine.runtime import device_name, machine, tf, versions
from initterm.engine.signal.measuring import measure
from initterm.engine.training.training import forget, train
from initterm.experiments.command import command_line
from initterm.experiments.guide import measured
from initterm.experiments.guide.measured import Asked, Measurements, Origin, SignalMeasurement, TrainingMeasurement
from initterm.experiments.guide.questions import measured_experiments
from initterm.experiments.signal.events import SignalMeasured
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.experiment import Experiment
from initterm.theory.refusal import Refusal


def trained(experiment: Experiment) -> TrainingMeasurement:
    """A training comparison run to its end."""
    board = Scoreboard.of(experiment, train(experiment))
    assert board.data is not None
    forget()
    rows = [board.of_contender(contender) for contender in experiment.contenders]
    return TrainingMeasurement(
        Asked.of(experiment),
        Origin(
            _today(),
            board.device,
            board.versions,
            board.machine,
            board.data.name,
            board.data.train,
            board.data.validation,
            board.data.test,
        ),
        tuple(tuple(record.test_accuracy for record in row) for row in rows),
        tuple(tuple(record.test_loss for record in row) for row in rows),
        board.test_comparison,
    )


def passed(experiment: SignalExperiment) -> SignalMeasurement:
    """Signals sent through the networks of each contender."""
    told = [event for event in measure(experiment) if isinstance(event, SignalMeasured)]
    died = tuple(
        tuple(_died(event) for event in told if event.trial.contender == contender)
        for contender in range(len(experiment.contenders))
    )
    intervals = tuple(interval_of_share(sum(row), len(row)) for row in died)
    return SignalMeasurement(
        Asked.of(experiment), Origin(_today(), device_name(), versions(), machine()), died, intervals
    )


def _died(event: SignalMeasured) -> bool:
    """Whether nothing is left of the signal after some layer."""
    return any(layer.oddity == "zero" for layer in event.layers)


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def brought_up_to_date(known: Measurements) -> Iterator[Measurements]:
    """What is known and still asked for, and then with one more each time, until nothing is missing."""
    wanted = list(measured_experiments())
    texts = [Asked.of(experiment) for experiment in wanted]
    kept = Measurements(
        tuple(one for one in known.trained if any(one.asked.same(text) for text in texts)),
        tuple(one for one in known.passed if any(one.asked.same(text) for text in texts)),
    )
    yield kept
    for experiment, text in zip(wanted, texts, strict=True):
        if kept.of(text):
            continue
        print(command_line(experiment), flush=True)
        if isinstance(experiment, Experiment):
            kept = msgspec.structs.replace(kept, trained=(*kept.trained, trained(experiment)))
        else:
            kept = msgspec.structs.replace(kept, passed=(*kept.passed, passed(experiment)))
        yield kept


def main() -> None:
    """Measure, and write after each experiment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="measure all anew")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    known = Measurements() if parser.parse_args().all else measured.measurements()
    try:
        for now in brought_up_to_date(known):
            measured.FILE.write_bytes(file_of(now))
    except Refusal as refusal:
        sys.exit(str(refusal))


def file_of(measurements: Measurements) -> bytes:
    """JSON with a line for each experiment."""
    parts = (f'"{name}": [\n{_lines(getattr(measurements, name))}\n]' for name in ("trained", "passed"))
    return ("{" + ",\n".join(parts) + "}\n").encode()


def _lines(many: Sequence[TrainingMeasurement | SignalMeasurement]) -> str:
    return ",\n".join(msgspec.json.encode(one).decode() for one in many)


if __name__ == "__main__":
    main()
