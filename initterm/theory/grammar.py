"""The grammar of typed formulas: what may be written, and a sentence for what may not."""

from __future__ import annotations

import ast
import re

import numpy as np

from initterm.theory.duals import ARITY, COMPARISONS, CONSTANTS, OPERATIONS, at_points
from initterm.theory.numbers import grouped, plain
from initterm.theory.parameters import LONGEST, expression
from initterm.theory.refusal import Refusal, meant, shown

FUNCTIONS: tuple[str, ...] = tuple(sorted(ARITY))
"""The functions a formula may call; it has x, numbers, pi and e, + - * / ** and < <= > >= besides."""

EXAMPLE = "write, for example, x*tanh(softplus(x))"
MOST_TOKENS, DEEPEST = 120, 20
LARGEST_POWER = 10.0

LARGEST_NUMBER = 1e12

TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|[<>]=|[-+*/(),<>])|(?P<other>\.?\w+|\S)",
    re.ASCII,
)

WRITTEN = (
    (re.compile(r"\^"), "a power is written x**2"),
    (re.compile(r"[·×]|\d+\.?\d*[A-Za-z]"), "a product is written 2*x"),
    (re.compile(r"[=!]"), "conditions are < <= > >=, as in where(x > 0, x, 0.1*x)"),
)
"""What people write for it, and how it is written here."""


def tree_of(text: str) -> ast.expr:
    """The formula as a tree of x, numbers, constants, operations and functions that ``duals`` knows.

    Raises:
        Refusal: the text is no formula, or has anything else in it.
    """
    if len(text) > LONGEST:
        raise Refusal(f"A formula has at most {LONGEST} characters, not {grouped(len(text))}; {EXAMPLE}.")
    line = " ".join(text.split())
    _check_tokens(line)
    tree = _parsed(line)
    _check(tree)
    if not _has_x(tree):
        raise Refusal(f"`{shown(line)}` has no x in it; {EXAMPLE}.")
    return tree


def _check_tokens(text: str) -> None:
    """Whether the text is made of a formula's words and signs, few enough for any parser."""
    tokens = list(TOKEN.finditer(text))
    for token in tokens:
        _check_token(token.lastgroup or "", token[0])
    if len(tokens) > MOST_TOKENS:
        raise Refusal(f"A formula has at most {MOST_TOKENS} numbers, names and signs, not {len(tokens)}; {EXAMPLE}.")
    if _depth([token[0] for token in tokens]) > DEEPEST:
        raise Refusal(f"Brackets in a formula can be {DEEPEST} deep, not more; {EXAMPLE}.")
    if not tokens:
        raise Refusal(f"A formula can't be empty; {EXAMPLE}.")


def _check_token(kind: str, token: str) -> None:
    if kind == "other" or (kind == "name" and token not in {"x", *CONSTANTS, *ARITY}):
        raise Refusal(f"`{shown(token)}` can't be used in a formula; {_hint(token)}")
    if kind == "number" and not float(token) <= LARGEST_NUMBER:
        raise Refusal(
            f"`{shown(token)}` is too large a number for a formula; its largest is {grouped(LARGEST_NUMBER)}."
        )


def _depth(tokens: list[str]) -> int:
    steps = np.array([(token == "(") - (token == ")") for token in tokens], dtype=int)
    return int(np.cumsum(steps).max(initial=0))


def _hint(piece: str) -> str:
    for pattern, hint in WRITTEN:
        if pattern.match(piece):
            return f"{hint}."
    near = meant(piece, ["x", *CONSTANTS, *FUNCTIONS])
    return f"did you mean {near}?" if near else f"{EXAMPLE}."


def _parsed(text: str) -> ast.expr:
    try:
        return expression(text)
    except ValueError:
        raise Refusal(f"`{shown(text)}` is not a whole formula; {EXAMPLE}.") from None


def _check(node: ast.expr) -> None:
    """Whether a tree is made of what ``_evaluated`` knows, and nothing else."""
    match node:
        case ast.Constant():
            pass
        case ast.Name(id=name) if name not in ARITY:
            pass
        case ast.Name(id=name):
            raise Refusal(f"`{name}` needs its brackets; write, for example, {_call(name)}.")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check(operand)
        case ast.BinOp(left=left, op=operation, right=right) if type(operation).__name__ in OPERATIONS:
            _check(left)
            _check(right)
            if isinstance(operation, ast.Pow):
                _check_power(right)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            _check_call(name, arguments)
        case _:
            raise Refusal(f"`{_written(node)}` can't be used {_place(node)}.")


def _place(node: ast.expr) -> str:
    match node:
        case ast.Compare():
            return f"outside where; write, for example, {_call('where')}"
        case ast.Call():
            return "as a call; a product is written 2*x"
        case _:
            return f"in a formula; {EXAMPLE}"


def _has_x(tree: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "x" for node in ast.walk(tree))


def _check_power(exponent: ast.expr) -> None:
    if not _has_x(exponent) and not abs(float(at_points(exponent, np.zeros(())).value)) <= LARGEST_POWER:
        raise Refusal(
            f"`{_written(exponent)}` is too large a power; the largest in a formula is {plain(LARGEST_POWER)}."
        )


def _check_call(name: str, arguments: list[ast.expr]) -> None:
    if name not in ARITY:
        raise Refusal(f"`{name}` is not a function; a product is written 2*{name}.")
    if len(arguments) != ARITY[name]:
        raise Refusal(f"{name} takes {ARITY[name]} in its brackets, not {len(arguments)}: {_call(name)}.")
    if name == "where":
        arguments = [*_compared(arguments[0]), *arguments[1:]]
    for argument in arguments:
        _check(argument)


def _compared(condition: ast.expr) -> tuple[ast.expr, ast.expr]:
    match condition:
        case ast.Compare(left=left, ops=[comparison], comparators=[right]) if type(comparison).__name__ in COMPARISONS:
            return left, right
    raise Refusal(f"`{_written(condition)}` is not a condition for where, as in {_call('where')}.")


def _call(name: str) -> str:
    forms = {"where": "where(x > 0, x, 0.1*x)", "clip": "clip(x, -1, 1)"}
    return forms.get(name, f"{name}(x)" if ARITY[name] == 1 else f"{name}(x, 0)")


def _written(node: ast.expr) -> str:
    return shown(ast.unparse(node))
