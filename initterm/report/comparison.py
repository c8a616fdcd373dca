"""What may be concluded from trials, in words: the difference and where it lies first, p-values behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from initterm.experiments.comparison import (
    MOST_SEEDS_NEEDED,
    Answer,
    Comparison,
    Divergences,
    Interval,
    Mean,
    Pair,
)
from initterm.experiments.metric import Metric
from initterm.report.judged import apart_words, between_words, margin_words, unit_words
from initterm.report.stops import stops
from initterm.theory.numbers import grouped, ordinal, p_words, short
from initterm.theory.wording import joined

ONE_SEED = "One seed can't tell a better initializer from a lucky start."
SIGNIFICANT = 0.05

LEAST_P_SHOWN = 0.001
"""No more is told of a p-value of so few seeds."""

FEWEST_FOR_INTERVAL = 3
"""Student's interval of two seeds is so wide that their number says more."""


def ranked(comparison: Comparison) -> list[int]:
    """Contenders, counted from 0, the best first: those that trained, those that diverged, those that aren't over."""
    return sorted(range(len(comparison.means)), key=comparison.standing, reverse=True)


def leader(comparison: Comparison) -> int | None:
    """The best that wasn't stopped, counted from 0, what diverged counted as the worst; None where none has a mean."""
    going = (index for index in ranked(comparison) if not comparison.stop_of(index))
    return next((index for index in going if comparison.means[index].mean is not None), None)


def pair_of(comparison: Comparison, a: int, b: int) -> Pair:
    """The pair seen from a's side."""
    pair = next(pair for pair in comparison.pairs if {pair.a, pair.b} == {a, b})
    return pair if pair.a == a else _turned(pair)


def pair_verdict(a: str, b: str, pair: Pair, comparison: Comparison) -> str:
    """One pair of a comparison in a sentence: beats, equivalent, or not to be told apart yet."""
    return _verdict(a, b, by_lead(pair, comparison.metric), comparison)


def _verdict(a: str, b: str, pair: Pair, comparison: Comparison) -> str:
    """Of a pair whose differences are what a is better by."""
    if pair.answer == "stopped":
        ended = joined([name for name, one in ((a, pair.a), (b, pair.b)) if comparison.stop_of(one)])
        return f"Nothing is claimed of {a} and {b}, as {ended} didn't go to the end."
    behind = pair.answer != "a beats b" and (pair.difference or 0.0) < 0
    if pair.answer == "b beats a" or behind:
        return _verdict(b, a, _turned(pair), comparison)
    if pair.answer == "untested":
        return _untested(a, b, pair, comparison.metric)
    if pair.answer == "a beats b":
        return f"{a} beats {b}{_won(a, b, pair, comparison)}."
    if pair.answer == "equivalent":
        return f"{a} and {b} are equivalent{_alike(a, pair, comparison)}."
    return f"{a} and {b} can't be told apart yet{_open(a, b, pair, comparison)}."


def _untested(a: str, b: str, pair: Pair, metric: Metric) -> str:
    if pair.difference is None:
        return f"{a} and {b} finished no seed in common."
    if pair.seeds < 2:
        return ONE_SEED
    if not pair.difference:
        return f"{a} and {b} came to the same in each of {pair.seeds} seeds; with no spread there is no test."
    apart = apart_words(abs(pair.difference), metric)
    return f"{a} and {b} differ by {apart} in each of {pair.seeds} seeds; with no spread there is no test."


def _won(a: str, b: str, pair: Pair, comparison: Comparison) -> str:
    if pair.divergences and comparison.by_training(pair):
        return f": {_training(a, b, pair.divergences, comparison)}"
    won = f"{pair.wins} of {pair.seeds} seeds, {_chance(pair.p_value, comparison)}"
    return f" by {apart_words(pair.difference or 0.0, comparison.metric)} ({_ends(pair, comparison.metric)}; {won})"


def _ends(pair: Pair, metric: Metric) -> str:
    """``+0.3 to +2.1``."""
    low, high = between_words(pair.interval or (0.0, 0.0), metric)
    return f"{low} to {high}"


def _lead(pair: Pair, metric: Metric) -> str:
    """``1.2 points (+0.3 to +2.1)``."""
    return f"{apart_words(pair.difference or 0.0, metric)} ({_ends(pair, metric)})"


def _alike(a: str, pair: Pair, comparison: Comparison) -> str:
    low, high = between_words(pair.equivalence or (0.0, 0.0), comparison.metric)
    within = f"within {margin_words(comparison.margin or 0.0, comparison.metric)}"
    chance = _chance(pair.p_equivalent, comparison)
    ahead = f"; yet {a} is ahead, by {_lead(pair, comparison.metric)}" if _differs(pair, comparison) else ""
    return f" {within}: the difference is between {low} and {high} ({pair.seeds} seeds, {chance}){ahead}"


def _open(a: str, b: str, pair: Pair, comparison: Comparison) -> str:
    parts = []
    if pair.divergences and pair.divergences.a != pair.divergences.b:
        parts.append(_training(a, b, pair.divergences, comparison))
    if pair.interval:
        low, high = between_words(pair.interval, comparison.metric)
        chance = _chance(pair.p_value, comparison)
        apart = apart_words(pair.difference or 0.0, comparison.metric)
        ahead = (
            f"{a} is ahead by {apart}, between {low} and {high}"
            if pair.difference
            else f"between {low} and {high} {unit_words(comparison.metric)}"
        )
        parts.append(f"{ahead} ({pair.seeds} seeds, {chance}){_more(pair)}")
    return f": {'; '.join(parts)}" if parts else ""


def _training(a: str, b: str, told: Divergences, comparison: Comparison) -> str:
    """``it trained in 6 of 6 seeds, b in 0 (sign test, p = 0.031)``."""
    chance = "too few for a test"
    if told.p_value is not None and told.interval is not None:
        low, high = (round(100 * end) for end in told.interval)
        share = f"where one alone trains it is {a} in {low} to {high}%"
        chance = f"{share}; exact test, {_training_chance(told.p_value, comparison)}"
    return f"{a} trained in {told.a} of {told.seeds} seeds, {b} in {told.b} ({chance})"


def _chance(p_value: float | None, comparison: Comparison, *, at_most: bool = False) -> str:
    """The p-value with what it is corrected for, and with what it is held against where that isn't plain."""
    value = 1.0 if p_value is None else p_value
    parts = [p_words(value, LEAST_P_SHOWN, at_most=at_most) + _label(comparison)]
    if comparison.level < value <= SIGNIFICANT:
        parts.append(f"not under {short(comparison.level, 2)}")
    return ", ".join(parts)


def _training_chance(p_value: float, comparison: Comparison) -> str:
    """The same of who trains at all, which is corrected in its own way."""
    corrected = ", corrected for all" if len(comparison.means) > 2 else ""
    high = f", not under {short(comparison.level, 2)}" if comparison.level < p_value <= SIGNIFICANT else ""
    return f"{p_words(p_value, LEAST_P_SHOWN)}{corrected}{high}"


def _label(comparison: Comparison) -> str:
    """What its p-values are corrected for, and which look it is: ``, Bonferroni's of 3 pairs, 2nd look``."""
    label = f", Bonferroni's of {comparison.tests} pairs" if comparison.tests > 1 else ""
    return label + (f", {ordinal(comparison.look)} look" if comparison.look > 1 else "")


def verdicts(names: Sequence[str], comparison: Comparison) -> list[str]:
    """The leader against the others in few sentences: whom it beats, whom it equals, whom it can't be told from."""
    first = leader(comparison)
    if first is None or len(names) < 2:
        return [*stops(names, comparison)]
    if max(mean.over for mean in comparison.means) < 2:
        return [ONE_SEED]
    others = [index for index in ranked(comparison) if index != first and comparison.means[index].over]
    groups: dict[str, dict[int, Pair]] = {}
    for index in others:
        pair = by_lead(pair_of(comparison, first, index), comparison.metric)
        groups.setdefault(_group(pair, comparison), {})[index] = pair
    sentences = [
        *(sentence for kind in GROUPS for sentence in _sentences(kind, names, first, groups.get(kind, {}), comparison)),
        *_survivors(names, comparison),
        *stops(names, comparison),
    ]
    label = _label(comparison)  # of all of them, so that it is told once
    return [*sentences[:1], *(sentence.replace(label, "") for sentence in sentences[1:])]


GROUPS = {
    "beaten": "",
    "untrained": "{} beaten likewise.",
    "equivalent": "{} equivalent to {} too.",
    "undecided": "{} not to be told apart from {} yet either.",
    "few trained": "",
    "ahead": "",
    "no spread": "",
    "too few": "",
}
"""What the others may be to the leader, in the order in which that is told, and what is said of all but the first."""


def _group(pair: Pair, comparison: Comparison) -> str:
    if pair.answer == "a beats b":
        return "untrained" if comparison.by_training(pair) else "beaten"
    if pair.answer == "untested":
        return "too few" if pair.seeds < 2 else "no spread"
    if pair.answer == "undecided" and pair.divergences and pair.divergences.a != pair.divergences.b:
        return "few trained"
    return "ahead" if pair.answer == "b beats a" else pair.answer


def _sentences(
    kind: str, names: Sequence[str], first: int, pairs: dict[int, Pair], comparison: Comparison
) -> Iterator[str]:
    """What is told of all that are the same to the leader."""
    if not pairs:
        return
    if kind == "too few":
        yield f"Too few seeds of {joined([names[index] for index in pairs])} to compare."
        return
    if kind == "beaten" and len(pairs) > 1:
        listed = joined([f"{names[index]} by {_lead(pair, comparison.metric)}" for index, pair in pairs.items()])
        least_sure = max(pair.p_value or 0.0 for pair in pairs.values())
        yield f"{names[first]} beats {listed}: {_chance(least_sure, comparison, at_most=True)}."
        return
    told, *others = pairs
    yield _verdict(names[first], names[told], pairs[told], comparison)
    if others and GROUPS[kind]:
        listed = f"{joined([names[index] for index in others])} {'is' if len(others) == 1 else 'are'}"
        yield GROUPS[kind].format(listed, names[first])
        return
    yield from (_verdict(names[first], names[index], pairs[index], comparison) for index in others)


def _survivors(names: Sequence[str], comparison: Comparison) -> Iterator[str]:
    """Of whom the mean is only that of the seeds that trained."""
    some = [
        f"that of {name} is of {survivors(mean)}"
        for name, mean in zip(names, comparison.means, strict=True)
        if mean.seeds and mean.diverged
    ]
    if some:
        yield f"Of the means, {joined(some)}."


def survivors(mean: Mean) -> str:
    """``the 5 of 6 that trained``; empty where all did."""
    return f"the {mean.seeds} of {mean.over} that trained" if mean.diverged else ""


def _differs(pair: Pair, comparison: Comparison) -> bool:
    return pair.p_value is not None and pair.p_value <= comparison.level


def by_lead(pair: Pair, metric: Metric) -> Pair:
    """The pair with differences that say by how much a is better, whichever way better is."""
    return pair if metric.higher_is_better else msgspec.structs.replace(pair, **_negated(pair))


def _turned(pair: Pair) -> Pair:
    """The same pair from the other side."""
    told = pair.divergences
    return msgspec.structs.replace(
        pair,
        a=pair.b,
        b=pair.a,
        wins=pair.losses,
        losses=pair.wins,
        answer=TURNED.get(pair.answer, pair.answer),
        divergences=told
        and msgspec.structs.replace(
            told,
            a=told.b,
            b=told.a,
            a_alone=told.b_alone,
            b_alone=told.a_alone,
            interval=told.interval and (1 - told.interval[1], 1 - told.interval[0]),
        ),
        **_negated(pair),
    )


TURNED: dict[Answer, Answer] = {"a beats b": "b beats a", "b beats a": "a beats b"}


def _negated(pair: Pair) -> dict[str, float | Interval | None]:
    """Its differences, b − a."""
    intervals = {name: _negative(getattr(pair, name)) for name in ("ci95", "interval", "equivalence", "new_images")}
    return {"difference": None if pair.difference is None else -pair.difference, **intervals}


def _negative(interval: Interval | None) -> Interval | None:
    return interval and (-interval[1], -interval[0])


def _more(pair: Pair) -> str:
    """How many more seeds would be needed, and between which numbers that lies."""
    if pair.seeds_needed is None or pair.seeds_needed_interval is None:
        return ""
    few, many = (max(1, count - pair.seeds) for count in pair.seeds_needed_interval)
    endless = pair.seeds_needed_interval[1] >= MOST_SEEDS_NEEDED
    between = f"{grouped(few)} or more" if endless else f"{grouped(few)} to {grouped(many)}"
    if pair.seeds_needed >= MOST_SEEDS_NEEDED:
        return f"; {grouped(MOST_SEEDS_NEEDED)} or more seeds would be needed to show it (80% sure: {between})"
    more = max(1, pair.seeds_needed - pair.seeds)
    seeds = "seed" if more == 1 else "seeds"
    return f"; about {grouped(more)} more {seeds} would be needed to show it (80% sure: {between})"
