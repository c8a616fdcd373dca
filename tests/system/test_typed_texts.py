"""Whatever is typed, a parser gives a value or a refusal; and the value can be worked with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initterm.experiments.papers.catalogue import paper_named
from initterm.experiments.settings import parse_data, parse_hidden
from initterm.experiments.training.contender import Contender
from initterm.report.files import json_text
from initterm.report.guide.results import guide_json, row_card
from initterm.theory.guide import row_of, rows_matching
from initterm.theory.initializer_rows import FAMILIES
from initterm.theory.initializers import InitializerSpec, parse_gain, scaled
from initterm.theory.laws import law_of
from initterm.theory.numbers import parse_number, parse_seed, parse_whole_number
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape
from initterm.theory.typed import activation, activation_of, parametric_of
from initterm.tui.guide.pane import activation_drawing
from tests.monkeys.texts import WHOLE, odd_text

LONG = 100_000

anything = st.one_of(
    st.builds(odd_text, st.randoms(use_true_random=False)),
    st.text(alphabet=st.characters(exclude_categories=())),
    st.sampled_from(WHOLE),
)


def initializer(text):
    spec = InitializerSpec.parse(text)
    assert InitializerSpec.parse(str(spec)) == spec
    for shape in (Shape((784, 256)), Shape((3, 3, 64, 64))):
        law_of(spec, shape)
        law_of(scaled(spec, 1000.0), shape)


def contender(text):
    parsed = Contender.parse(text)
    assert Contender.parse(str(parsed)) == parsed


def shape(text):
    parsed = Shape.parse(text)
    assert Shape.parse(str(parsed)) == parsed
    assert parsed.fan_in >= 1


def guide_row(text):
    row = row_of(text)
    assert json_text(guide_json((row,), ()))
    assert row_card(row).plain
    if row.activation.function:
        activation_drawing(row.activation)


def parameters(text):
    for family in FAMILIES.values():
        for parameter in family.parameters:
            refused(lambda typed, of=parameter, owner=family.name: of.parse(typed, owner), text)


PARSERS = {
    "initializer": initializer,
    "contender": contender,
    "shape": shape,
    "guide": guide_row,
    "formula": activation_of,
    "parametric": parametric_of,
    "layers": parse_hidden,
    "data": parse_data,
    "number": lambda text: parse_number(text, "number", 0.5),
    "whole number": lambda text: parse_whole_number(text, "number", 0, 10, 5),
    "seed": parse_seed,
    "gain": parse_gain,
    "activation": activation,
    "paper": paper_named,
    "search": rows_matching,
    "parameters": parameters,
}


def refused(parse, text):
    """Why the parser doesn't take the text; empty where it does. Anything else it raises ends the test."""
    try:
        parse(text)
    except Refusal as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize("parser", PARSERS)
@settings(max_examples=60)
@given(anything)
def test_a_parser_raises_refusals_only_and_they_are_short(parser, text):
    assert len(refused(PARSERS[parser], text)) < 500


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("piece", ["(", "-", "=", "a(=", "1,", "x+", "9", "x", "\\", "a.", " "])
def test_a_very_long_text_is_dealt_with_at_once(parser, piece):
    for start in ("", "relu("):
        refused(PARSERS[parser], start + piece * (LONG // len(piece)))


@pytest.mark.parametrize(
    ("parser", "text"),
    [
        ("initializer", "constant({[]:1})"),
        ("initializer", "constant({{}})"),
        ("contender", "constant({[]:1})@relu"),
        ("guide", "relu(threshold=40)"),
        ("guide", "threshold(threshold=40, default_value=1)"),
        ("guide", "relu(threshold=1, max_value=0.5)"),
        ("guide", "1e-11*x"),
        ("formula", "9**9**9"),
        ("formula", "x**10000000"),
        ("number", "٣"),
        ("gain", "１"),
        ("seed", "²"),
        ("shape", "٣x٣"),
    ],
)
def test_what_escaped_once(parser, text):
    assert refused(PARSERS[parser], text)


def test_a_typed_activation_without_a_gain_says_why():
    with pytest.raises(Refusal, match=r"E\[φ²\] = 0 over a unit normal"):
        row_of("relu(threshold=40)")
