"""Typed activations: the same figures as the catalogue's, kinks found, and a sentence for whatever is no activation."""

import math
import time
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initterm.theory.activations import ACTIVATIONS
from initterm.theory.grammar import FUNCTIONS
from initterm.theory.quadrature import normal_rule
from initterm.theory.refusal import Refusal
from initterm.theory.typed import activation_of

SAME = {
    "relu": "maximum(x, 0)",
    "leaky_relu": "where(x > 0, x, 0.2*x)",
    "elu": "where(x>0,x,expm1(x))",
    "selu": "1.0507009873554805*where(x > 0, x, 1.6732632423543772*expm1(x))",
    "gelu": "x*normal_cdf(x)",
    "silu": "x/(1 + exp(-x))",
    "mish": "x*tanh(softplus(x))",
    "softplus": "maximum(x, 0) + log1p(exp(-abs(x)))",
    "sigmoid": "1/(1 + e**-x)",
    "tanh": "2*sigmoid(2*x) - 1",
    "hard_tanh": "clip(x, -1, 1)",
    "hard_sigmoid": "clip(x/6 + 1/2, 0, 1)",
    "hard_silu": "x*relu6(x + 3)/6",
    "relu6": "minimum(maximum(x, 0), 6)",
    "softsign": "x/(1 + abs(x))",
    "hard_shrink": "where(abs(x)>0.5,x,0)",
    "soft_shrink": "sign(x)*maximum(abs(x) - 0.5, 0)",
    "squareplus": "(x + sqrt(x**2 + 4))/2",
    "linear": "x",
}

EVIL = (
    "__class__",
    "x.__class__.__bases__",
    "__import__('os').system('true')",
    "eval('x')",
    "(lambda: x)()",
    "[x for x in (1, 2)]",
    "{x: x}",
    "f'{x}'",
    "(x := 3)",
    "maximum(*x)",
    "clip(x, low=0, high=1)",
    "x if x > 0 else 1",
    "not x",
    "0 < x",
    "where(0 < x < 1, x, 0)",
    "where(x == 0, 1, x)",
    "where(x, 1, 0)",
    "x, x",
    "x[0]",
    "x @ x",
    "x // 2",
    "x % 2",
    "10**10**10 * x",
    "x**9**9**9",
    "x**1000",
    "9" * 299 + "*x",
    "9" * 9 + "**9**9*x",
    "1e999*x",
    "1j*x",
    "0x10*x",
    "x" * 20_000,
    "x+" * 10_000 + "x",
    "(" * 10_000 + "x" + ")" * 10_000,
    "(" * 140 + "x" + ")" * 140,
    "-" * 299 + "x",
    "x**" * 99 + "x",
    "relu(sin(99*x))" + "+relu(sin(99*x))" * 17,
    "abs(" * 60 + "x" + ")" * 60,
    "x\0",
    "x\ud800",
    "ｘ",
    "ｅxp(x)",
    "x²",
    "x\u202e",
    "x #",
    "x;x",
    "x\\\n",
    "x +",
    "x)",
    "",
    "  ",
    "relu",
    "relu(x, x)",
    "relu()",
    "x(2)",
    "2(x)",
    "softmax(x)",
    "glu(x)",
    "print(x)",
    "True*x",
    "None",
    "...",
)


def refusal(text):
    with pytest.raises(Refusal) as refused:
        activation_of(text)
    return str(refused.value)


def fine_mean_square(function, std, breaks):
    """E[f²] by a sum over a dense grid, split at the breaks."""
    total = 0.0
    for low, high in zip([-12 * std, *breaks], [*breaks, 12 * std], strict=True):
        x = np.linspace(np.nextafter(low, high), np.nextafter(high, low), 400_001)
        density = np.exp(-((x / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi))
        heights = function(x) ** 2 * density
        total += (heights.sum() - (heights[0] + heights[-1]) / 2) * (x[1] - x[0])
    return total


@pytest.mark.parametrize("name", SAME)
def test_a_formula_is_the_activation_it_spells(name):
    typed, known = activation_of(SAME[name]), ACTIVATIONS[name]
    z = np.linspace(-10, 10, 4001) + 1e-6 * np.pi  # no node at a kink
    assert np.abs(typed.function(z) - known.function(z)).max() < 1e-9
    assert np.abs(typed.derivative(z) - known.derivative(z)).max() < 1e-9
    assert typed.gain_forward == pytest.approx(known.gain_forward, abs=1e-6)
    assert typed.gain_backward == pytest.approx(known.gain_backward, abs=1e-6)


@pytest.mark.parametrize("name", [name for name, known in ACTIVATIONS.items() if known.function])
def test_every_elementwise_activation_can_be_called_by_name(name):
    typed, known = activation_of(f"{name}(x)"), ACTIVATIONS[name]
    assert typed.kinks == pytest.approx(known.kinks, abs=1e-9)
    assert typed.gain_forward == pytest.approx(known.gain_forward, abs=1e-9)
    assert name in FUNCTIONS


@pytest.mark.parametrize(
    "text",
    [
        "sin(x)*cos(2*x) + sinh(x/3) - cosh(x/4)",
        "arctan(x)/(1 + exp(-x)) - log(2 + x**2)",
        "erf(x/2)**3 + exp(-x**2/2)",
        "(1 + x**2)**(x/9)",
        "2**x",
        "log1p(exp(-abs(x - 1/3)))",
        "minimum(x, clip(x**3, -2, 5))",
        "where(sin(x) <= 0.2*x, gelu(x - 1), pi*silu(-x))",
        "-x**2/(1 + abs(x)**1.5)",
    ],
)
def test_slopes_are_those_of_the_function(text):
    typed = activation_of(text)
    z = np.linspace(-8, 8, 1000) + 1e-5 * np.pi  # no node at a kink
    step = 1e-6
    slope = (typed.function(z + step) - typed.function(z - step)) / (2 * step)
    assert np.allclose(typed.derivative(z), slope, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "kinks"),
    [
        ("x**3", ()),
        ("relu(x - 0.3) + relu(x - 1/3)", (0.3, 1 / 3)),
        ("abs(x**2 - 2)", (-math.sqrt(2), math.sqrt(2))),
        ("maximum(0.1*x, x - 1/7)", (1 / 6.3,)),
        ("where(abs(x)>0.5,x,0)", (-0.5, 0.5)),
        ("where(x > pi, 1, x)", (math.pi,)),
        ("minimum(x, 30)", (30.0,)),
        ("where(exp(x) > 2, x, x/2)", (math.log(2),)),
        ("x*hard_sigmoid(2*x)", (-1.5, 1.5)),
        ("relu(x - 0.00031)", (0.00031,)),
    ],
)
def test_kinks_are_found_to_a_billionth(text, kinks):
    assert activation_of(text).kinks == pytest.approx(kinks, abs=1e-11)


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("where(x>1, tanh(x), x**3)", [1.0]),
        ("where(x>2, sin(x), exp(x))", [2.0]),
        ("where(abs(x - 1/3) < 1, cos(3*x), tanh(3*(x - 2)))", [-2 / 3, 4 / 3]),
        ("sin(3*x)", []),
        ("sigmoid(4*(x - 2))", []),
        ("x + sin(x)**2", []),
        ("tanh(30*x)", []),
    ],
)
def test_mean_squares_are_those_of_a_fine_integral(text, breaks):
    typed = activation_of(text)
    for std in (0.1, 1.0, 2.0):
        moments = typed.moments(std)
        assert float(moments.square) == pytest.approx(fine_mean_square(typed.function, std, breaks), rel=1e-6)
        assert float(moments.slope_square) == pytest.approx(fine_mean_square(typed.derivative, std, breaks), rel=1e-6)


@pytest.mark.parametrize("std", [10.0, 100.0])
def test_smooth_branches_are_as_exact_in_a_wide_signal(std):
    typed = activation_of("where(x>1, tanh(x), 0)")
    expected = fine_mean_square(typed.function, std, [1.0, 20.0])
    assert float(typed.moments(std).square) == pytest.approx(expected, rel=1e-6)


def test_the_rule_agrees_with_closed_forms_of_waves():
    x, weights = normal_rule(1.0)
    assert float((np.sin(3 * x) ** 2 * weights).sum()) == pytest.approx((1 - math.exp(-18)) / 2, abs=1e-10)


def test_a_formula_is_named_by_its_text():
    typed = activation_of("  x *\n tanh( softplus(x) ) ")
    assert typed.name == typed.title == "x * tanh( softplus(x) )"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("log(x)", "`log(x)` is NaN at x = -10"),
        ("sqrt(x)", "`sqrt(x)` is NaN at x = -10"),
        ("1/x", "`1/x` is infinite at x = 0"),
        ("1/(x - 0.3)", "infinite at x = 0.3"),
        ("1/(x - pi)", "at x = 3.14159"),
        ("1/(x - pi)**2", "at x = 3.14159"),
        ("where(x > 0.1234, log(x - 0.1234), 0)", "at x = 0.1234"),
        ("sqrt(abs(x))", "slope of `sqrt(abs(x))` is infinite at x = 0"),
        ("sqrt(abs(x - pi))", "infinitely steep at x = 3.14159"),
        ("sqrt(11 - x)", "for some x from -12 to 12"),
        ("exp(exp(x))", "too large at x = "),
        ("exp(x**2/2)", "grows too fast"),
        ("exp(0.26*x**2)", "grows too fast"),
        ("exp(6*x)", "has so much of its mean square beyond 12 std"),
        ("exp(5*x)", "has so much of its mean square beyond 12 std"),
        ("exp(0.24*x**2)", "has so much of its mean square beyond 12 std"),
        ("tanh(1e5*x)", "turns too often or too sharply"),
        ("3", "no x"),
        ("x - x", "is 0 for every x"),
        ("x**0", "is 1 for every x"),
        ("sign(x)", "no gradient"),
        ("sin(100*x)", "turns too often"),
        ("where(sin(x) > 0, x, 1)", "25 kinks"),
        ("x**11", "`11` is too large a power"),
        ("x^2", "a power is written x**2"),
        ("2x", "a product is written 2*x"),
        ("max(x, 0)", "did you mean maximum?"),
        ("Tanh(x)", "did you mean tanh?"),
        ("relu", "write, for example, relu(x)"),
        ("x > 0", "write, for example, where(x > 0, x, 0.1*x)"),
        ("__class__", "`__class__` can't be used in a formula; write, for example, x*tanh(softplus(x))."),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(text, where):
    assert where in refusal(text)


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_whatever_else_is_typed_is_refused_at_once_in_a_short_sentence(text):
    def timed():
        start = time.perf_counter()
        sentence = refusal(text)
        return time.perf_counter() - start, sentence

    seconds, sentence = min(timed() for _ in range(3))
    assert seconds < 0.05
    assert len(sentence) < 200
    assert sentence.isprintable()
    assert sentence.endswith((".", "?"))


def test_refusals_take_no_memory_to_speak_of():
    tracemalloc.start()
    try:
        for text in EVIL:
            refusal(text)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


PIECES = st.sampled_from([*FUNCTIONS, *"x+-*/(),<>=.013 _", "**", ">=", "pi", "e", "lambda", "if", "__class__", "1e9"])


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text_is_an_activation_or_refused(text):
    sure(text)


EXPRESSIONS = st.recursive(
    st.sampled_from(["x", "pi", "e", "0", "1", "2.5", "1e9", "10"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(lambda p: f"({''.join(p)})"),
        st.tuples(
            st.sampled_from([n for n in FUNCTIONS if n not in ("maximum", "minimum", "clip", "where")]), inner
        ).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"where({p[0]} > {p[1]}, maximum({p[1]}, {p[2]}), {p[2]})"),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200)
@given(EXPRESSIONS)
def test_any_expression_is_an_activation_with_gains_or_refused(text):
    sure(text)


def sure(text):
    """A refusal, or an activation with gains at every scale; and no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            activation = activation_of(text)
        except Refusal:
            return
        assert 0 < activation.gain_forward < math.inf
        assert 0 < activation.gain_backward < math.inf
        activation.moments(np.array([0.0, 1e-6, 1.0, 1e3, 1e8]))
