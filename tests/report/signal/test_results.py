"""What is said of signals: two digits that count, what is odd, the fix, and a figure of whatever came."""

import io
import math
import re
from dataclasses import replace

import pytest
from rich.console import Console

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import JacobianMeasured, LayerSignal, LayersPassed, SignalInput, SignalMeasured
from initterm.experiments.signal.experiment import SignalExperiment, SignalTrial
from initterm.report.signal.figure import signal_png
from initterm.report.signal.limits import limit_sentence, phase_of
from initterm.report.signal.results import condition, jacobian_sentence, signal_json, signal_tables
from initterm.report.signal.words import (
    correlation_sentence,
    cure_sentence,
    fix_sentence,
    flat_sentence,
    oddities,
    ratio,
    sentence,
    spread_sentence,
)
from initterm.theory.initializers import InitializerSpec
from initterm.theory.phases import fix
from initterm.theory.propagation import Arrival, Chain


def board_of(name="glorot_uniform", chain=None, **settings):
    return SignalBoard(SignalExperiment((InitializerSpec.parse(name),), chain or Chain((64,) * 30), **settings))


def layer(number, signal, oddity="", gradient=1.0, gradient_oddity=""):
    return LayerSignal(number, signal, signal, oddity, 0.0, 0.5, gradient, gradient_oddity, gradient)


def measured(*layers, seed=42):
    return SignalMeasured(SignalTrial(0, seed), layers)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.7071, "0.71"),
        (0.00003051, "0.000031"),
        (1.0, "1.0"),
        (0, "0"),
        (1.3e-10, "1.3e-10"),
        (123.4, "123"),
        (None, "–"),
        (1e30, "1.0e+30"),
        (math.inf, "inf"),
    ],
)
def test_ratios_in_two_digits(value, text):
    assert ratio(value) == text


def test_what_each_layer_passes_on_and_what_is_left():
    said = sentence(board_of(), 0)
    assert said == (
        "By theory, each layer passes on 0.71 of the signal and 0.71 of the gradient; "
        "after 30 layers 0.000031 and 0.000031: vanishing."
    )
    board = board_of().after(measured(*(layer(number, 2.0**number) for number in range(1, 31))))
    assert sentence(board, 0).startswith("Each layer passes on 2.00 of the signal and 1.00 of the gradient;")
    assert sentence(board, 0).endswith("1.1e+09 and 1.0: exploding.")


def test_where_theory_is_silent_it_says_so():
    assert sentence(board_of("ones"), 0).startswith("Theory is silent: its weights' mean is not 0")
    assert phase_of(board_of("ones"), 0) is None


def test_pixels_are_waited_for():
    board = board_of(source="pixels")
    assert sentence(board, 0) == ""
    assert board.predictions == ()
    assert board.after(SignalInput("MNIST", 784, 0.13, 0.1, "")).predictions[0].activation_std.size == 30


def test_odd_numbers_are_told_with_their_layer():
    odd = measured(layer(1, 1.0), layer(2, None, "inf", None, "nan"), layer(3, None, "nan", 1.0))
    assert list(oddities(board_of(chain=Chain((64,) * 3)).after(odd), 0)) == [
        "The signal is infinite from layer 2 on.",
        "No gradient can be followed back through that.",
    ]
    (stopped,) = oddities(board_of().after(measured(layer(1, 1.0), layer(2, 1e-31))), 0)
    assert (
        stopped
        == "The signal is under 1e-30 of what came, and left unmeasured after layer 2; the gradient begins there."
    )


def test_seeds_are_summed_up_with_their_spread():
    board = board_of(seeds=2)
    board = board.after(measured(layer(1, 1.0))).after(measured(layer(1, 3.0), layer(2, 4.0), seed=43))
    first, second = board.layers(0)
    assert first.activation.median == pytest.approx(math.sqrt(3))
    assert (first.activation.low, first.activation.high) == (1, 3)
    assert (second.activation.median, second.activation.high) == (4, 4)
    assert board.after(LayersPassed(1, 2)).share_done >= 0.5


def test_the_fix_in_words():
    arrival = Arrival(256)
    assert "scale=2.0 with fan_in" in fix_sentence(fix(Chain(), arrival), 30)
    assert "he_normal" in fix_sentence(fix(Chain(), arrival), 30)
    hopeless = Chain((256,) * 30, "soft_shrink")
    assert fix_sentence(fix(hopeless, arrival), 30).startswith("No scale keeps both within tenfold")


def test_phases_in_words():
    assert limit_sentence(phase_of(board_of("he_normal"), 0)) == (
        "Infinitely wide: at the edge of chaos (χ = 1), signals reach any depth. "
        "Correlations settle at 1 ever more slowly: ξ_c = ξ_q = ξ_∇ = ∞."
    )
    assert limit_sentence(phase_of(board_of(), 0)) == (
        "Infinitely wide: ordered (χ = 0.5), signals die out and gradients vanish tenfold every 6.64 layers. "
        "Correlations settle at 1 ever more slowly: ξ_c = ∞, ξ_q = 1.44, ξ_∇ = 1.44 layers."
    )
    chaotic = limit_sentence(phase_of(board_of("he_normal", Chain((64,) * 30, "tanh")), 0))
    assert chaotic.startswith("Infinitely wide: chaotic (χ = 1.11), inputs grow apart and gradients explode tenfold")


def networks(board, *ends, depth):
    """Networks whose std goes evenly to an end, as their gradients do."""
    for seed, end in enumerate(ends):
        stds = [end ** ((at - 1) / (depth - 1)) for at in range(1, depth + 1)]
        board = board.after(measured(*(layer(at, std, gradient=1.0) for at, std in enumerate(stds, 1)), seed=42 + seed))
    return board


def test_what_explodes_is_not_called_stable():
    """GELU a little under its gain begins beyond its fixed point."""
    point = phase_of(board_of("variance_scaling(scale=2.3)", Chain((1000,) * 100, "gelu")), 0)
    assert (point.q, point.stable, point.stability) == (math.inf, False, "none")
    assert "signals grow without end and gradients explode" in limit_sentence(point)


def test_the_cure_is_judged_by_its_measurement_and_its_spread():
    board = board_of("he_normal", Chain((32,) * 100))
    assert cure_sentence(board).startswith(
        "Not steady at this width: scale=2.0 with fan_in, which is he_normal, keeps 1.0"
    )
    left = cure_sentence(networks(board, 0.05, depth=100))
    assert "measured it leaves 0.04" in left
    assert "theory has 80% of networks keep" in left
    wide = board_of("he_normal", Chain((512,) * 10))
    assert cure_sentence(wide).startswith("Steady by theory: scale=2.0")
    assert cure_sentence(networks(wide, 0.9, depth=10)).endswith("of the gradient, as measured.")
    assert cure_sentence(networks(wide, 0.2, depth=10)).startswith("Nearly steady")
    assert cure_sentence(networks(wide, 0.001, depth=10)).startswith("Not steady at this width")


def test_the_cure_of_others_is_measured_beside_them():
    board = board_of("glorot_uniform", Chain((512,) * 10))
    assert str(board.cure_experiment.contenders[0]) == "he_normal"
    cure = networks(SignalBoard(board.cure_experiment), 0.001, depth=10)
    assert cure_sentence(replace(board, cure=cure)).startswith("Not steady")
    assert board_of("he_normal").cure_experiment is None


def test_networks_are_told_apart():
    board = networks(board_of("he_normal", Chain((64,) * 10), seeds=3), 0.5, 1.0, 2.0, depth=10)
    assert "1.0 and 1.0 (0.46 to 2.2 and 1.0 to 1.0 in all 3 networks): stable" in sentence(board, 0)
    dead = measured(layer(1, 1.0), *(layer(at, 0.0, "zero") for at in range(2, 11)), seed=45)
    assert list(oddities(board.after(dead), 0)) == ["The signal is exactly 0 from layer 2 on, in 1 of 4 networks."]


def test_an_eightfold_gradient_is_not_stable():
    board = networks(board_of("he_normal", Chain((64,) * 10)), 7.5, depth=10)
    assert board.summary(0).verdict == "growing"


def test_correlations_and_depth_scales_in_words_and_json():
    board = board_of("lecun_normal", Chain((256,) * 30, "tanh", bias_std=math.sqrt(0.05)))
    assert (
        correlation_sentence(board, 0)
        == "Inputs of correlation 0, 0.5, 0.9 are at layer 30 of 1.00, 1.00, 1.00, by theory."
    )
    point = signal_json(board)["results"][0]["fixed_point"]
    assert (point["correlation"], point["phase"], point["stability"]) == (1.0, "ordered", "attracts")
    assert point["xi_c"] == pytest.approx(3.627, abs=0.001)
    assert point["xi_q"] == pytest.approx(1.748, abs=0.001)
    assert "ξ_c = 3.63, ξ_q = 1.75, ξ_∇ = 3.63 layers" in point["words"]
    slowly = signal_json(board_of("lecun_normal", Chain((64,) * 3, "tanh")))["results"][0]["fixed_point"]
    assert (slowly["stable"], slowly["stability"], slowly["q"]) == (True, "attracts slowly", 0.0)


def test_the_spread_that_theory_has_for_a_width():
    said = spread_sentence(board_of("he_normal", Chain((32,) * 100)), 0)
    assert re.match(r"At a width of 32 theory has 80% of networks keep 0\.00\d+ to 0\.\d+ of the signal and", said)
    assert spread_sentence(board_of("orthogonal"), 0).startswith(
        "Theory has no spread over networks: its weights depend"
    )
    band = signal_json(board_of("he_normal"))["results"][0]["layers"][-1]
    assert band["activation_std_theory_low"] < band["activation_std_theory_median"] < band["activation_std_theory_high"]


def test_singular_values_and_their_condition():
    assert condition((4.0, 2.0)) == 2
    assert condition((4.0, 0.0)) is None
    assert "condition number 2.0" in jacobian_sentence((4.0, 2.0))
    assert "1 more that float32 doesn't tell from 0" in jacobian_sentence((4.0, 1e-9))
    assert jacobian_sentence((0.0, 0.0)) == "all singular values are 0."
    assert "NaN or infinite" in jacobian_sentence(())


ODD_BOARDS = [
    board_of(),
    board_of("ones").after(measured(layer(1, None, "nan", None, "nan"))),
    board_of().after(measured(layer(1, 0.0, "zero", 0.0, "zero"))),
    board_of().after(measured(layer(1, 1e300), layer(2, 1e-300))).after(JacobianMeasured(SignalTrial(0, 42), ())),
]


@pytest.mark.parametrize("board", ODD_BOARDS)
def test_whatever_came_has_a_figure_a_table_and_json(board):
    assert signal_png(board).startswith(b"\x89PNG")
    assert len(signal_json(board)["results"][0]["layers"]) == 30
    console = Console(file=io.StringIO(), width=80)
    for part in signal_tables(board):
        console.print(part)
    assert str(board.experiment.contenders[0]) in console.file.getvalue()


def test_dead_and_saturated_units_in_words():
    assert flat_sentence(board_of(), 0) == ""
    board = board_of().after(measured(layer(1, 1.0), layer(2, 1.0), layer(3, None, "nan")))
    assert flat_sentence(board, 0) == "Dead units: 0% → 0%. Flat slopes: 50% → 50% (layer 1 → 3)."
