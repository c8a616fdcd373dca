"""What the settings of several experiments have in common: layers, activations, data and seeds as they are typed."""

from __future__ import annotations

import itertools
import re

from initterm.theory.activations import BY_NAME, TRAINABLE
from initterm.theory.numbers import LARGEST_SEED, grouped, parse_whole_number
from initterm.theory.refusal import Refusal, refuse_unless_utf8, shown
from initterm.theory.settings import Kind, Setting, after, number, rounder, whole
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
    """Read the widths of hidden layers.

    ``256,128,64``, also with blanks or ``x`` between them and in brackets; ``64*30`` for thirty of 64, ``30x64`` too.

    Raises:
        Refusal: the text holds something else.

    >>> parse_hidden("(256, 128)"), parse_hidden("64*2, 10"), parse_hidden("2x64"), parse_hidden("256x128x64")
    ((256, 128), (64, 64, 10), (64, 64), (256, 128, 64))
    """
    bare = text.strip()
    if bare[:1] + bare[-1:] in ("()", "[]"):
        bare = bare[1:-1].strip().removesuffix(",")
    widths: list[int] = []
    for part in re.split(r"\s*[,;]\s*|\s+", re.sub(r"\s*([*xX×])\s*", r"\1", bare)):
        width, times, others = _layers(part)
        refuse_unless(1 <= len(widths) + times <= MOST_LAYERS, _too_many(part))
        widths += [width] * times + others
        for one in (width, *others):
            refuse_unless(
                1 <= one <= MOST_UNITS, f"a layer has 1 to {grouped(MOST_UNITS)} units, not {one}; {LAYERS_AS}"
            )
    refuse_unless(len(widths) <= MOST_LAYERS, f"at most {MOST_LAYERS} hidden layers; {LAYERS_AS}")
    return tuple(widths)


LAYERS_AS = "write, for example, 256,128,64 or 64*30"


def _layers(part: str) -> tuple[int, int, list[int]]:
    """A width, how often it comes, and the widths that follow it."""
    if match := re.fullmatch(r"([0-9]{1,9})(?:\*([0-9]{1,9}))?", part):
        return int(match[1]), int(match[2] or 1), []
    if match := re.fullmatch(r"([0-9]{1,9})[xX×]([0-9]{1,9})", part):
        return int(match[2]), int(match[1]), []
    if re.fullmatch(r"[0-9]{1,9}([xX×][0-9]{1,9}){2,200}", part):
        first, *others = map(int, re.split("[xX×]", part))
        return first, 1, others
    raise Refusal(f"{shown(part, 20) or 'Nothing'} is not a layer; {LAYERS_AS}.")


def _too_many(part: str) -> str:
    """What is said of more layers than can be; ``256x128`` is explained, which may have meant two."""
    match = re.fullmatch(r"([0-9]+)[xX×]([0-9]+)", part)
    if match and int(match[1]) > MOST_LAYERS:
        return (
            f"{part} is {grouped(int(match[1]))} layers of {match[2]}; two are {match[1]},{match[2]}, as in 256,128,64"
        )
    return f"at most {MOST_LAYERS} hidden layers; {LAYERS_AS}"


def hidden_text(hidden: tuple[int, ...]) -> str:
    """The text form of hidden layers, which ``parse_hidden`` reads; three or more equal ones as ``64*30``."""
    runs = [(width, len(list(group))) for width, group in itertools.groupby(hidden)]
    return ",".join(f"{width}*{times}" if times > 2 else ",".join([str(width)] * times) for width, times in runs)


NOT_YET = "none"


def parse_looked(text: str) -> tuple[int, ...]:
    """Read numbers of seeds at which a comparison was judged before, in their order.

    Raises:
        Refusal: the text holds something else.

    >>> parse_looked("5, 10"), parse_looked("none")
    ((5, 10), ())
    """
    if text.strip() in ("", NOT_YET):
        return ()
    parts = re.split(r"[,;\s]+", text.strip())
    counts = [parse_whole_number(part, "seeds looked at", 1, MOST_SEEDS, 5) for part in parts]
    growing = counts == sorted(set(counts))
    refuse_unless(growing, f"seeds looked at grow from look to look, as in 5,10, not {shown(text.strip(), 20)}")
    return tuple(counts)


def looked_text(looked: tuple[int, ...]) -> str:
    """The text form of looks, which ``parse_looked`` reads."""
    return ",".join(map(str, looked)) or NOT_YET


def one_layer(hidden: tuple[int, ...], up: int) -> tuple[int, ...]:
    """One layer more, as wide as the last one, or the last one less."""
    return (*hidden, hidden[-1]) if up > 0 else hidden[:-1]


LAYERS = Kind(parse_hidden, hidden_text, "LAYERS", limits=f"1 to {MOST_LAYERS} layers", step=one_layer)
TRAINABLE_ACTIVATION = Kind(
    lambda text: activation(text).name,
    metavar="ACTIVATION",
    choices=tuple((BY_NAME[name].title, name) for name in TRAINABLE),
)
DATA = Kind(parse_data, metavar="auto|mnist|digits|FILE")
SEED = whole("seed", 0, LARGEST_SEED, 42)
SEEDS = whole("seeds", 1, MOST_SEEDS, 5)
MARGIN = Setting(
    "Margin",
    number("the margin", 0, 100, 0.5, above_low=True, step=rounder),
    "Points of accuracy that don't matter: less is equivalent.",
    after("margin"),
)
LOOKED = Setting(
    "Looked",
    Kind(parse_looked, looked_text, "SEEDS", limits="none, or numbers of seeds"),
    "Seeds at which this was judged before, such as 5,10.",
    lambda looked: f"looked at {looked_text(looked)}",
)
