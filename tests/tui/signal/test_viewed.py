"""The correlations that are drawn, and the measurement of the fix."""

from dataclasses import replace

import pytest

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.report.signal.figure import signal_png
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.tui.signal.correlation_picture import correlation_picture
from initterm.tui.signal.viewed import cured
from tests.tui.fakes import signal_events

GLOROT = InitializerSpec("glorot_uniform")


def board_of(**chain):
    return SignalBoard(SignalExperiment((GLOROT,), Chain(**{"hidden": (64,) * 5, **chain})))


class Engine:
    """Answers each request with what is exactly theory."""

    async def events(self, request):
        for event in signal_events(request.experiment):
            yield event


async def test_the_fix_is_measured_where_it_is_none_of_the_initializers():
    found = await cured(Engine(), board_of())
    assert found.cure.complete
    assert [str(one) for one in found.cure.experiment.contenders] == ["he_normal"]
    he = replace(board_of(), experiment=replace(board_of().experiment, contenders=(InitializerSpec("he_normal"),)))
    assert (await cured(Engine(), he)).cure is None


def test_correlations_are_lines_from_what_they_are_of_what_goes_in():
    picture = correlation_picture(board_of(), GLOROT, 0)
    assert [float(line.y[0]) for line in picture.lines] == pytest.approx([0.0, 0.5, 0.9])
    assert not correlation_picture(board_of(batch_norm=True), GLOROT, 0).lines


def test_the_figure_is_drawn():
    assert signal_png(board_of()).startswith(b"\x89PNG")
