"""Numbers as people write and read them: the one place where a number becomes text, and text a number."""

from __future__ import annotations

import math
import re
import sys

from initterm.theory.refusal import Refusal, shown

NONE = "–"
"""Stands where there is no number."""

LARGEST_PLAIN = 1e6
"""From here on a statistic has an exponent."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

LEAST_P = 1e-16
"""Of a smaller p-value only that is told."""


def grouped(count: float | None) -> str:
    """A count, or a limit, its thousands set apart.

    >>> grouped(3_870_144), grouped(0.999), grouped(None)
    ('3,870,144', '0.999', '–')
    """
    return NONE if count is None else f"{count:,}".removesuffix(".0")


def plain(value: float | None) -> str:
    """A number as it was set or follows from what was set, to six digits.

    >>> plain(0.5), plain(2.0), plain(1 / 3), plain(None)
    ('0.5', '2', '0.333333', '–')
    """
    return short(value, 6)


def as_typed(value: float) -> str:
    """A number as a person would type it, with as few digits as give it back.

    >>> as_typed(0.1), as_typed(3.0)
    ('0.1', '3')
    """
    return repr(float(value)).removesuffix(".0")


def short(value: float | None, digits: int = 3) -> str:
    """A number that was measured or computed, to so many digits.

    >>> short(0.088388), short(0.088388, 4), short(12345.0), short(None)
    ('0.0884', '0.08839', '1.23e+04', '–')
    """
    return NONE if value is None else f"{value:.{digits}g}"


def amount(value: float | None, digits: int = 4) -> str:
    """The same with large numbers written out, such as the weights that an output sums over.

    >>> amount(27.5625), amount(18432.0), amount(None)
    ('27.56', '18,432', '–')
    """
    return f"{value:,.0f}" if value is not None and value >= 10**digits else short(value, digits)


def finite_text(value: float | None, digits: int = 3) -> str:
    """A measured number that is None where it wasn't finite.

    >>> finite_text(2.302585), finite_text(2.302585, 4), finite_text(None)
    ('2.3', '2.303', 'not finite')
    """
    return "not finite" if value is None else short(value, digits)


def with_decimals(value: float | None, decimals: int = 4) -> str:
    """A number with so many decimals, as columns of accuracies, losses and gains have it.

    >>> with_decimals(0.9), with_decimals(-0.25, 2), with_decimals(None)
    ('0.9000', '−0.25', '–')
    """
    return NONE if value is None else f"{value:.{decimals}f}".replace("-", "−")


def with_digits(value: float | None, digits: int = 4) -> str:
    """A number of any size with so many digits, all of them shown, as columns of losses and errors have it.

    >>> with_digits(0.5), with_digits(1234.5), with_digits(-1.0, 3), with_digits(None)
    ('0.5000', '1234', '−1.00', '–')
    """
    return NONE if value is None else f"{value:#.{digits}g}".removesuffix(".").replace("-", "−")


def statistic(value: float, decimals: int = 6, largest: float = LARGEST_PLAIN) -> str:
    """A statistic of weights: with decimals, or as many digits and an exponent where it is large; without an end none.

    >>> statistic(-0.0502), statistic(2e7), statistic(float("inf"))
    ('−0.050200', '2.000000e+07', 'none')
    """
    if math.isinf(value):
        return "none"
    return with_decimals(value, decimals) if abs(value) < largest else scientific(value, decimals)


def scientific(value: float, decimals: int = 1) -> str:
    """A number with an exponent: what may be of any size, such as an error or what is left after many layers.

    >>> scientific(0.00012), scientific(3e-9, 0)
    ('1.2e-04', '3e-09')
    """
    return f"{value:.{decimals}e}"


def ratio(value: float | None, least: float = 1e-5) -> str:
    """Two digits that count, without an exponent as long as that can be read.

    >>> ratio(0.7071), ratio(0.00003), ratio(1.3e-10), ratio(123.0), ratio(0.0)
    ('0.71', '0.000030', '1.3e-10', '123', '0')
    """
    if not value:
        return NONE if value is None else "0"
    if not least <= abs(value) < 1e4:
        return scientific(value)
    exponent = int(scientific(value).split("e")[1])
    return f"{value:.{max(0, 1 - exponent)}f}"


def power_of_ten(exponent: int) -> str:
    """A mark on a logarithmic axis, in few columns.

    >>> power_of_ten(0), power_of_ten(-2), power_of_ten(-12), power_of_ten(6)
    ('1', '0.01', '10⁻¹²', '10⁶')
    """
    if -2 <= exponent <= 2:
        return short(10.0**exponent)
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def factor(value: float | None) -> str:
    """What a layer makes of what comes, to the hundredth where it is near 1.

    >>> factor(1.0488), factor(0.00712)
    ('1.05', '0.0071')
    """
    return f"{value:.2f}" if value is not None and 0.1 <= value < 10 else ratio(value)


def percent(share: float | None) -> str:
    """A share of a whole.

    >>> percent(0.128), percent(None)
    ('13%', '–')
    """
    return NONE if share is None else f"{share:.0%}"


def points(difference: float) -> str:
    """A difference of accuracies in percentage points, with as many digits as show it.

    >>> points(0.0123), points(0.0002)
    ('1.2 points', '0.02 points')
    """
    apart = 100 * difference
    return f"{apart:.1f} points" if apart >= 0.05 else f"{apart:.2g} points"


def signed_points(difference: float | None, half: float | None = None) -> str:
    """The same in a table, where it has a sign and a decimal, and half its interval where that is known.

    >>> signed_points(-0.0123), signed_points(-0.0123, 0.021), signed_points(None)
    ('−1.2', '−1.2 ±2.1', '–')
    """
    if difference is None:
        return NONE
    either = "" if half is None else f" ±{100 * half:.1f}"
    return f"{100 * difference:+.1f}".replace("-", "−") + either


def points_between(interval: tuple[float, float]) -> tuple[str, str]:
    """Both ends of an interval of differences, in points with signs; an end that isn't 0 isn't shown as 0.

    >>> points_between((-0.0034, 0.0162)), points_between((0.0002, 0.0162))
    (('−0.3', '+1.6'), ('+0.02', '+1.62'))
    """
    ends = [100 * end for end in interval]
    decimals = next((some for some in (1, 2, 3) if all(not end or round(end, some) for end in ends)), 4)
    low, high = (f"{end:+.{decimals}f}".replace("-", "−") for end in ends)
    return low, high


def ordinal(count: int) -> str:
    """A place in an order.

    >>> [ordinal(count) for count in (1, 2, 3, 4, 11, 22, 113)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd', '113th']
    """
    teens = 10 < count % 100 < 14
    return f"{count}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(count % 10, 'th')}"


def p_value(value: float | None, least: float = LEAST_P) -> str:
    """A p-value in a table.

    >>> p_value(0.0132), p_value(0.0), p_value(0.0004, least=0.001), p_value(None)
    ('0.013', '<1e-16', '<0.001', '–')
    """
    return f"<{least:g}" if value is not None and value < least else short(value, 2)


def p_words(value: float, least: float = LEAST_P, *, at_most: bool = False) -> str:
    """A p-value in a sentence.

    >>> p_words(0.0132), p_words(0.0132, at_most=True), p_words(0.0)
    ('p = 0.013', 'p ≤ 0.013', 'p < 1e-16')
    """
    return f"p < {least:g}" if value < least else f"p {'≤' if at_most else '='} {short(value, 2)}"


def seconds(duration: float) -> str:
    """A duration.

    >>> seconds(12.4), seconds(3725.0)
    ('12 s', '3,725 s')
    """
    return f"{duration:,.0f} s"


def size(count: int) -> str:
    """Bytes of memory.

    >>> size(512), size(40_000_000_000)
    ('512 bytes', '37.3 GiB')
    """
    value, units = float(count), ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1024 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:,.0f} {units[0]}" if units[0] == "bytes" else f"{value:,.1f} {units[0]}"


def megabytes(received: int, total: int | None) -> str:
    """Bytes of a download so far.

    >>> megabytes(3_100_000, 11_490_434), megabytes(3_100_000, None)
    ('3.1 of 11.5 MB', '3.1 MB')
    """
    return f"{received / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"{received / 1e6:.1f} MB"


def rounded(value: float, digits: int) -> float:
    """The number itself, to so many digits.

    >>> rounded(0.88388, 3)
    0.884
    """
    return float(short(value, digits))


LARGEST_SEED = 2**32 - 1
"""Keras takes seeds of 32 bits."""


def parse_whole_number(text: str, name: str, low: int, high: int, example: int) -> int:
    """Read a whole number between limits, both included; thousands may be set off by commas or underscores.

    Raises:
        Refusal: no whole number, or outside the limits.
    """
    digits = re.sub(r"[,_\s]", "", text)
    if not re.fullmatch(r"-?[0-9]{1,18}", digits) or not low <= int(digits) <= high:
        found = shown(text.strip(), 20) or "nothing"
        raise Refusal(f"{name}: a whole number from {grouped(low)} to {grouped(high)}, such as {example}, not {found}.")
    return int(digits)


def parse_seed(text: str) -> int:
    """Read a seed, a whole number from 0 to 2³² − 1.

    Raises:
        Refusal: the text is no such number.
    """
    return parse_whole_number(text, "seed", 0, LARGEST_SEED, 42)


def parse_number(
    text: str, name: str, example: float, low: float = -sys.float_info.max, high: float = sys.float_info.max
) -> float:
    """Read a decimal number, such as ``0.001`` or ``1e-3``, from low to high.

    Raises:
        Refusal: no such number, or none that is finite.
    """
    try:
        value = float(text) if text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        limits = f" from {plain(low)} to {plain(high)}," if high < sys.float_info.max else ""
        raise Refusal(f"{name}: a number{limits} such as {plain(example)}, not {shown(text.strip(), 20) or 'nothing'}.")
    return value
