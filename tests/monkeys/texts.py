"""Texts that no one should type: broken, hostile and huge ones, made of what the parsers look out for."""

from __future__ import annotations

import random

NAMES = (
    "he_normal", "glorot_uniform", "variance_scaling", "constant", "orthogonal", "random_uniform", "lsuv", "zeros",
    "truncated_normal", "relu", "leaky_relu", "elu", "celu", "gelu", "squareplus", "threshold", "soft_shrink",
    "tanh", "hard_shrink", "softmax", "prelu", "x", "pi", "e", "where", "clip", "maximum", "exp", "log", "sqrt",
    "abs", "sign", "scale", "mode", "distribution", "fan_in", "value", "gain", "alpha", "b", "max_value",
    "negative_slope", "seed", "approximate", "minval", "maxval", "mean", "stddev", "start", "None", "True",
    "keras.initializers.he_normal", "__import__", "__class__", "lambda", "if", "else", "for", "in", "not", "and",
    "await", "yield",
)  # fmt: skip

NUMBERS = (
    "0", "1", "-0", "-0.0", "2", "0.5", "40", "-5", "1e-3", "1e999", "-1e999", "1e-999", "1e30", "1e-30", "1e308",
    "nan", "inf", "-inf", "9**9**9", "0x" + "f" * 200, "9" * 30, "9" * 5000, "1_000", "1,000", "1j", "1or 2", "007",
    "0.1.2", "4294967295", "4294967296", "18446744073709551616", "5e-324", "1e6", "1e12", "64*30", "1*999999999",
    "٣", "²", "１２", "784x256", "3x3x64x128", "0x5", "x", "1x" * 40, "auto", "mnist", "digits", "adam", "mup", "",
)  # fmt: skip

SIGNS = (
    "(", ")", "[", "]", "{", "}", ",", "=", ":", ":=", "+", "-", "*", "**", "/", "//", "%", "@", "<", "<=", ">",
    "==", "!=", "~", "&", "|", "^", ".", ";", "'", '"', '"""', "\\", "#", "$", "`", "!", "?", "…", " ", "  ", "\t",
    "f'", "b'", "r'",
)  # fmt: skip

ODD = (
    "\0", "\n", "\r", "\x1b[31m", "\x1b]0;title\x07", "\x7f", "\x9b", "\ud800", "\udcff", "\u202e", "\u2066",
    "\u200b", "\ufeff", "\u2028", "é", "ｘ", "ⅷ", "𝓍", "😀", "\U0010ffff", "\xa0", "ß", "İ", "×", "·", "−",
)  # fmt: skip

WHOLE = (
    "constant({[]:1})", "constant({{}})", "constant({1:[]})", "constant(*[1])", "constant(**{})",
    "constant(value=(1,))", "relu(threshold=40)", "relu(threshold=38)", "threshold(threshold=40, default_value=1)",
    "relu(max_value=0.001)", "x**10000000", "x**x**x**x", "9**9**9", "(x:=1)", "f'{x}'", "lambda: x",
    "[x for x in x]", "*x", "**x", "x if x else 1", "{x}", "{**x}", "x[0]", "x.__class__", "'" + "a" * 290 + "'",
    "1e-160*x", "1e-170*x", "x*1e12*1e12*1e12*1e12*1e12", "where(x>0,x,where(x>1,x,2))", "sign(x)",
    "exp(exp(exp(x)))", "1/x", "log(x)", "sqrt(x)", "x*1e-300*1e-300", "elu(alpha=1e999)", "elu(alpha=True)",
    "elu(alpha=None)", "relu(max_value=None)", "gelu(approximate=1)", "celu(alpha=0)", "squareplus(b=-1)",
    "relu(threshold=1, max_value=0.5)", "leaky_relu(negative_slope=0x" + "f" * 100 + ")",
)  # fmt: skip

LONG = ("(", "-", "x+", "a(", "=", "[", "{", "1,", "x*", "\\", " ", "9", "he_normal,", "\x1b", "not ", "lambda:", "a.")
"""What is repeated for the long ones."""


def odd_text(chance: random.Random, longest: int = 100_000) -> str:
    """A text of words, numbers, signs and odd characters, or one of the known bad ones, or a very long one."""
    kind = chance.random()
    if kind < 0.15:
        return chance.choice(WHOLE)
    if kind < 0.2:
        piece = chance.choice(LONG)
        return chance.choice(("", "relu(", "x*", "he_normal(")) + piece * (
            chance.choice((30, 300, longest)) // len(piece)
        )
    if kind < 0.5:
        return _call(chance)
    pools = (NAMES, NUMBERS, SIGNS, SIGNS, ODD)
    return "".join(chance.choice(chance.choice(pools)) for _ in range(chance.randint(0, 12)))


def _call(chance: random.Random, depth: int = 3) -> str:
    """Something like a call or a formula, whose parts may be anything."""
    kind = chance.random()
    if depth == 0 or kind < 0.2:
        return chance.choice(chance.choice((NAMES, NUMBERS)))
    if kind < 0.7:
        given = (_call(chance, depth - 1) for _ in range(chance.randint(0, 3)))
        named = (chance.choice(("", f"{chance.choice(NAMES)}=")) for _ in range(3))
        return f"{chance.choice(NAMES)}({', '.join(name + value for name, value in zip(named, given, strict=False))})"
    if kind < 0.8:
        opening, closing = chance.choice(("()", "[]", "{}"))
        return opening + _call(chance, depth - 1) + chance.choice(("", ",", ":1")) + closing
    return _call(chance, depth - 1) + chance.choice(SIGNS) + _call(chance, depth - 1)
