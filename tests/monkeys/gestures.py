"""What a person, a cat on the keyboard, a terminal or the system may do to the app, as steps that JSON can hold."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.monkeys import planted_models

Step = tuple[str | int | float, ...]
"""What is done, and with what: ``("type", "abc")``, where each character stands for the byte of its number."""

COMMANDS = "12345P?/sdnpcorefmwvxygtabijklXYSAM<>+-= "
"""Signs with a meaning somewhere in the app; ``q`` ends it, and is a step of its own."""

QUITTING = b"q\x03\x11\x1a\x1c"
"""Bytes that end or suspend the app, or what runs before it has set the terminal."""

NAMED = [
    *(f"\x1b[{letter}" for letter in "ABCDHFZ"),
    *(f"\x1b[1;{modifier}{letter}" for modifier in (2, 3, 5, 6) for letter in "ABCDHF"),
    *(f"\x1b[{number}~" for number in (2, 3, 5, 6, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24)),
    *("\r", "\n", "\t", "\x1b", "\x7f", "\x08", "\x00", "\x10", "\x1b\x1b", "\x1b\r"),
    *("\x1b[5~", "\x1b[6~", "\x1b[3~", "\x1b[B", "\x1b[A", "\r", "\r", "\x1b"),
]

WORDS = (
    "he_normal",
    "variance_scaling(scale=",
    "constant(",
    "orthogonal(gain=1e999)",
    "he_normal@tanh",
    "elu(alpha=-1)",
    "where(x>0, x, 0.1*x)",
    "x**x**x**x**9",
    "3x3x64x128",
    "784x0",
    "99999999999x99999999999",
    "-1",
    "0",
    "1e999",
    "nan",
    "digits",
    "mnist",
    "../..",
    "os:getcwd",
    "x.keras",
    "[bold]",
    "[/]",
    "${HOME}",
    "%s%n{}",
    "\\",
    "'",
    '"',
    "(((((((((((",
)

ODD_TEXTS = (
    "\u202eabc\u202c",
    "e\u0301\u0301\u0301\u0301\u0301",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u200b\u200b\ufeff",
    "ｗｉｄｅ漢字",
    "\x07\x08\x0b\x0c",
    "\udcff".encode("utf-8", "surrogatepass").decode("latin-1"),
    "two\nlines\r\nthree\ttabs",
    "x" * 2000,
    "\x9b31m",
    "",
)

BROKEN = (b"\xff", b"\xc3", b"\xc3(", b"\xe2\x82", b"\xf0\x9f\x92", b"\xed\xa0\x80", b"\x80", b"\xf8\x88\x80\x80\x80")
"""Bytes that are not UTF-8, or a part of it."""

HALVES = ("\x1b[", "\x1b[<", "\x1b[1;", "\x1bO", "\x1b]52;c;", "\x1bP", "\x1b[200", "\x1b[<0;3", "\x1b[?", "\x1b[M")
"""Escape sequences whose rest never comes."""

REPORTS = (
    *("\x1b[I", "\x1b[O", "\x1b[12;40R", "\x1b[?2026;2$y", "\x1b[?1;2c", "\x1b[>41;354;0c", "\x1b[0n"),
    *("\x1b[48;24;80;480;800t", "\x1b[48;24;80;0;0t", "\x1b[97;5u", "\x1b[57441;2u", "\x1b[27;2;13~", "\x1b[99999u"),
)
"""What terminals send by themselves, or when they are asked."""

DOWN, CLEAR = "\x1b[B", "\x15"

SIZES = ((1, 1), (2, 1), (1, 50), (300, 1), (10, 3), (40, 12), (72, 18), (80, 24), (80, 24), (120, 36), (300, 100))


def gesture(chance: random.Random) -> Step:
    """One step; mostly keys."""
    (kind,) = chance.choices(list(_KINDS), [weight for weight, _ in _KINDS.values()])
    return _KINDS[kind][1](chance)


def _typed(content: bytes) -> Step:
    return "type", content.translate(None, QUITTING).decode("latin-1")


def _command(chance: random.Random) -> Step:
    return _typed(chance.choice(COMMANDS).encode())


def _named(chance: random.Random) -> Step:
    return "type", chance.choice(NAMED)


def _letter(chance: random.Random) -> Step:
    return _typed(bytes([chance.randrange(1, 127)]))


def _word(chance: random.Random) -> Step:
    return _typed(chance.choice((*WORDS, *planted_models.CONTENDERS)).encode())


def _mouse(chance: random.Random) -> Step:
    x, y = chance.randint(1, 90), chance.randint(1, 30)
    if chance.random() < 0.05:
        x, y = chance.choice(((0, 0), (-3, 5), (99999, 99999), (223, 95)))
    button = chance.choice((0, 0, 0, 0, 1, 2, 32, 35, 64, 65, 66, 4, 16))
    if button >= 32:
        return "type", f"\x1b[<{button};{x};{y}M"
    return "type", f"\x1b[<{button};{x};{y}M\x1b[<{button};{x};{y}m"


def _paste(chance: random.Random) -> Step:
    text = chance.choice(ODD_TEXTS + WORDS).encode()
    return _typed(b"\x1b[200~" + text + (b"\x1b[201~" if chance.random() < 0.8 else b""))


def _bytes(chance: random.Random) -> Step:
    return _typed(chance.choice((chance.choice(BROKEN), chance.randbytes(chance.randint(1, 12)))))


def _row(chance: random.Random) -> Step:
    """Type into one of Train's rows, in the place of what stands there, and run it."""
    text = chance.choice((*planted_models.MODELS, *planted_models.EXAMPLES, *planted_models.OTHERS))
    return _typed(f"\r2s{DOWN * chance.randrange(12)}{CLEAR}{text}\rr".encode())


def _own(chance: random.Random) -> Step:
    """Train a model with examples, as somebody does who knows the rows, of which more may have to be opened."""
    model, examples = chance.choice(planted_models.MODELS), chance.choice(planted_models.EXAMPLES)
    to_model, opens = DOWN * chance.choice((0, 2)), chance.choice(("", " "))
    more = f"s{DOWN * 4}{opens}{DOWN * 2}{CLEAR}{examples}\r"
    return _typed(f"\r2s{to_model}{CLEAR}{model}\r{more}r".encode())


def _kind(name: str, *choices: tuple[str | int | float, ...]) -> Callable[[random.Random], Step]:
    return lambda chance: (name, *chance.choice(choices))


_KINDS: dict[str, tuple[float, Callable[[random.Random], Step]]] = {
    "command": (40, _command),
    "named": (30, _named),
    "letter": (8, _letter),
    "word": (5, _word),
    "mouse": (8, _mouse),
    "paste": (1.5, _paste),
    "odd": (1, lambda chance: _typed(chance.choice(ODD_TEXTS).encode())),
    "bytes": (1, _bytes),
    "half": (1, lambda chance: ("type", chance.choice(HALVES))),
    "report": (1, lambda chance: ("type", chance.choice(REPORTS))),
    "row": (1, _row),
    "own": (0.2, _own),
    "resize": (1, _kind("resize", *SIZES)),
    "storm": (0.2, _kind("storm", (20,), (200,))),
    "stop": (0.2, _kind("stop", ("app", 0.2), ("app", 1.0), ("engine", 0.2), ("engine", 1.0))),
    "kill": (0.05, _kind("kill", ())),
    "end": (0.05, _kind("end", ("q",), ("ctrl+q",), ("ctrl+c",), ("SIGTERM",), ("SIGHUP",))),
}
