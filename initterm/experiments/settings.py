"""What the settings of several experiments have in common: layers, activations, data and seeds as they are typed."""

from __future__ import annotations

import itertools
import re

from initterm.theory.activations import BY_NAME, TRAINABLE
from initterm.theory.numbers import LARGEST_SEED, grouped
from initterm.theory.refusal import Refusal, refuse_unless_utf8, shown
from initterm.theory.settings import Kind, whole
from initterm.theory.typed import activation

MOST_SEEDS = 1000
MOST_LAYERS = 200
MOST_UNITS = 65_536


def refuse_unless(condition: object, sentence: str) -> None:
    """Refuse with a sentence, which may begin in lower case and without its full stop, unless a condition holds.

    Raises:
        Refusal: it doesn't.
    """
    if not condition:
        raise Refusal(sentence[:1].upper() + sentence[1:] + ".")


def parse_data(text: str) -> str:
    """Read where images come from: ``auto``, ``mnist``, ``digits``, or the path of a file.

    Raises:
        Refusal: nothing is written, or no UTF-8.
    """
    if not text.strip():
        raise Refusal("Data are missing; write auto, mnist, digits, or the path of a file.")
    refuse_unless_utf8(text)
    return text.strip()


def parse_hidden(text: str) -> tuple[int, ...]:
    """Read the widths of hidden layers: ``256,128,64``, or ``64*30`` for thirty of 64.

    Raises:
        Refusal: the text holds something else.
    """
    example = "write, for example, 256,128,64 or 64*30"
    widths: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})\s*(?:\*\s*([0-9]{1,9})\s*)?", part)
        if not match:
            raise Refusal(f"{shown(part.strip(), 20) or 'nothing'} is no layer; {example}.")
        width, times = int(match[1]), int(match[2] or 1)
        refuse_unless(1 <= width <= MOST_UNITS, f"a layer has 1 to {grouped(MOST_UNITS)} units, not {width}; {example}")
        refuse_unless(1 <= len(widths) + times <= MOST_LAYERS, f"at most {MOST_LAYERS} hidden layers; {example}")
        widths += [width] * times
    return tuple(widths)


def hidden_text(hidden: tuple[int, ...]) -> str:
    """The text form of hidden layers, which ``parse_hidden`` reads; three or more equal ones as ``64*30``."""
    runs = [(width, len(list(group))) for width, group in itertools.groupby(hidden)]
    return ",".join(f"{width}*{times}" if times > 2 else ",".join([str(width)] * times) for width, times in runs)


def counted(what: str, count: int) -> str:
    """``1 epoch``, ``5,000 samples``."""
    return f"{grouped(count)} {what}{'s' * (count != 1)}"


LAYERS = Kind(parse_hidden, hidden_text, "LAYERS")
TRAINABLE_ACTIVATION = Kind(
    lambda text: activation(text).name,
    metavar="ACTIVATION",
    choices=tuple((BY_NAME[name].title, name) for name in TRAINABLE),
)
DATA = Kind(parse_data, metavar="auto|mnist|digits|FILE")
SEED = whole("seed", 0, LARGEST_SEED, 42)
SEEDS = whole("seeds", 1, MOST_SEEDS, 5)
