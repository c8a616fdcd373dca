"""Kernels in words, as a table and as a picture: each beside the law it should follow."""

import io
import sys

import msgspec
import pytest
from PIL import Image
from rich.console import Console

from initterm.experiments.weights.events import Check, Draw, DrawAdvanced, Fit
from initterm.report.files import DPI
from initterm.report.tables import plain_table
from initterm.report.weights.results import (
    MOST_COLUMNS,
    PANEL_INCHES,
    drawn,
    weights_figure,
    weights_png,
    weights_table,
)
from initterm.report.weights.words import fit_sentence, stage_of
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.shapes import Shape
from tests.tui.fakes import sample_of


def sample(name, dims=(784, 256)):
    return sample_of(Draw(InitializerSpec.parse(name), Shape(dims), 42))


def sentence(one):
    return fit_sentence(law_of(one.initializer, one.shape), one)


def printed(parts):
    console = Console(width=160, color_system=None)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return capture.get()


def with_checks(*checks):
    told = tuple(check.told for check in checks if check.told)
    fit = Fit("all", 0.1, min(one.p_value for one in checks), checks, "its distribution and its independence", told)
    return msgspec.structs.replace(sample("he_normal"), fit=fit)


def test_what_follows_its_law_is_consistent():
    told = sentence(sample("he_normal"))
    assert told.startswith("Consistent with N(0, 0.0505²) cut at ±0.1148, its distribution and its independence")
    assert told.endswith(": p = 0.42 (KS D = 0.001; std 0.3 s.e. off; 2 checks).")


def test_the_sentence_and_the_table_tell_one_p_value():
    checks = (Check("Kolmogorov-Smirnov", 0.001, 0.712), Check("std", 0.1, 0.9))
    one = msgspec.structs.replace(sample("he_normal"), fit=Fit("all", 0.001, 1.0, checks))
    table = printed(weights_table([one]))
    assert next(line.split()[-1] for line in table.splitlines() if line.startswith(" he_normal ")) == "1"
    assert "p = 1 (" in table
    assert "0.71" not in table


def test_what_does_not_is_said_by_what_and_by_nothing_else():
    told = sentence(
        with_checks(
            Check("Kolmogorov-Smirnov", 0.2, 0.3),
            Check("equal rows", 1.0, 1e-30, "rows 3 and 17 are equal"),
            Check("zeros", 0.001, 1e-12, "0.1% of the weights are exactly 0"),
            Check("signs along rows", 0.6, 1e-11, "a third thing"),
        )
    )
    assert told.startswith("Not consistent with N(0, 0.0505²) cut at ±0.1148, its distribution and its independence")
    assert told.endswith(": p < 1e-16 (rows 3 and 17 are equal; 0.1% of the weights are exactly 0).")


def test_orthogonality_is_told_with_its_residual():
    told = sentence(with_checks(Check("Kolmogorov-Smirnov", 0.001, 0.3), Check("WᵀW = gain²·I", 1e-7, 1.0)))
    assert "WᵀW = gain²·I to 1e-07; 2 checks" in told


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [("zeros", "Deterministic", "nothing in it is random."), ("identity", "Deterministic", "random.")],
)
def test_what_is_not_random_is_not_tested(name, begins, ends):
    told = sentence(sample(name, (16, 16)))
    assert told.startswith(begins)
    assert told.endswith(ends)


def test_the_table_has_the_laws_std_beside_the_samples():
    text = printed(weights_table([sample("he_normal"), sample("zeros")]))
    assert text.startswith("784x256 · 200,704 weights · fan_in 784 · fan_out 256 · seed 42")
    he = next(line.split() for line in text.splitlines() if line.startswith(" he_normal "))
    assert he[2] == he[3] == "0.050508"
    assert he[-1] == "0.42"
    assert next(line.split() for line in text.splitlines() if line.startswith(" zeros "))[-1] == "–"


def test_a_table_has_one_style():
    table = plain_table("name", "a", "b")
    assert [column.justify for column in table.columns] == ["left", "right", "right"]


@pytest.mark.parametrize(("count", "columns", "rows"), [(1, 1, 1), (3, MOST_COLUMNS, 1), (4, MOST_COLUMNS, 2)])
def test_a_picture_has_a_panel_a_sample(count, columns, rows):
    names = ("he_normal", "zeros", "glorot_uniform", "he_uniform")[:count]
    with Image.open(io.BytesIO(weights_png([sample(name) for name in names]))) as picture:
        assert picture.size == (DPI * PANEL_INCHES[0] * columns, DPI * PANEL_INCHES[1] * rows)


def test_panels_have_one_scale_but_for_single_points_which_have_no_density():
    figure = weights_figure([sample(name) for name in ("glorot_uniform", "zeros", "he_normal")])
    (x, y), (x_of_zeros, y_of_zeros), others = ((axes.get_xlim(), axes.get_ylim()) for axes in figure.axes)
    assert others == (x, y)
    assert x_of_zeros == x
    assert y_of_zeros != y
    assert y[1] > max(sample("glorot_uniform").histogram.density)


def test_stages_are_said_with_their_share():
    assert stage_of(DrawAdvanced("measuring", 0.254)) == "measuring 25%"
    assert stage_of(DrawAdvanced("drawing", None)) == "Keras draws the weights"


def test_a_drawing_is_followed_to_its_sample(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    wanted = sample("he_normal")
    assert drawn(iter([DrawAdvanced("drawing", None), wanted]), "he_normal") is wanted
    with pytest.raises(ValueError, match="without its sample"):
        drawn(iter([DrawAdvanced("drawing", None)]), "he_normal")
