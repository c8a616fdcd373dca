"""What may be concluded from trials, in words."""

from __future__ import annotations

from collections.abc import Sequence

from initterm.experiments.comparison import MOST_SEEDS_NEEDED, Comparison, Interval, Mean, Pair
from initterm.theory.numbers import grouped, p_words, points

ONE_SEED = "One seed can't tell a better initializer from a lucky start."
SIGNIFICANT = 0.05

LEAST_P_SHOWN = 0.001
"""No more is told of a p-value of so few seeds."""


FEWEST_FOR_INTERVAL = 3
"""Student's interval of two seeds is so wide that their number says more."""


def leader(comparison: Comparison) -> int | None:
    """The contender, counted from 0, with the largest mean; None where nobody has one."""
    ranked = [(mean.mean, -index) for index, mean in enumerate(comparison.means) if mean.mean is not None]
    return -max(ranked)[1] if ranked else None


def accuracy_interval(mean: Mean) -> Interval | None:
    """The 95% interval of a mean accuracy, as far as accuracies go: Student's, of few seeds, may leave 0 to 1."""
    return mean.ci95 and (max(0.0, mean.ci95[0]), min(1.0, mean.ci95[1]))


def pair_of(comparison: Comparison, a: int, b: int) -> Pair:
    """The pair seen from a's side."""
    pair = next(pair for pair in comparison.pairs if {pair.a, pair.b} == {a, b})
    return pair if pair.a == a else _turned(pair)


def pair_verdict(a: str, b: str, pair: Pair) -> str:
    """One pair in a sentence."""
    if pair.difference is None:
        return f"{a} and {b} finished no seed in common."
    if pair.seeds < 2:
        return ONE_SEED
    if pair.p_value is None:
        apart = points(abs(pair.difference))
        return f"{a} and {b} differ by {apart} in each of {pair.seeds} seeds; with no spread there is no test."
    chance = p_words(pair.p_value, LEAST_P_SHOWN)
    if not significant(pair):
        return f"No real difference between {a} and {b} with {pair.seeds} seeds ({chance}){_more(pair)}."
    if pair.difference < 0:
        return pair_verdict(b, a, _turned(pair))
    won = f"{pair.wins} of {pair.seeds} seeds"
    return f"{a} beats {b} by {points(pair.difference)} ({won}, {chance})."


def verdicts(names: Sequence[str], comparison: Comparison) -> list[str]:
    """The leader against the others in few sentences: first whom it beats, then whom it can't be told from."""
    first = leader(comparison)
    if first is None or len(names) < 2:
        return []
    if max(mean.seeds for mean in comparison.means) < 2:
        return [ONE_SEED]
    others = sorted(
        (index for index, mean in enumerate(comparison.means) if index != first and mean.mean is not None),
        key=lambda index: -(comparison.means[index].mean or 0.0),
    )
    pairs = {index: pair_of(comparison, first, index) for index in others}
    beaten = [index for index in others if significant(pairs[index])]
    alike = [index for index in others if index not in beaten and pairs[index].seeds > 1]
    untold = [index for index in others if pairs[index].seeds < 2]
    sentences = []
    if len(beaten) == 1:
        sentences.append(pair_verdict(names[first], names[beaten[0]], pairs[beaten[0]]))
    elif beaten:
        listed = joined([f"{names[index]} by {points(pairs[index].difference or 0.0)}" for index in beaten])
        least_sure = max(pairs[index].p_value or 0.0 for index in beaten)
        sentences.append(f"{names[first]} beats {listed} ({p_words(least_sure, LEAST_P_SHOWN, at_most=True)}).")
    if alike:
        closest = alike[0]
        sentences.append(pair_verdict(names[first], names[closest], pairs[closest]))
    if len(alike) > 1:
        sentences.append(f"{joined([names[index] for index in alike[1:]])} can't be told from {names[first]} either.")
    if untold:
        sentences.append(f"Too few seeds of {joined([names[index] for index in untold])} to compare.")
    return sentences


def significant(pair: Pair) -> bool:
    """Whether the pair differs by more than luck."""
    return pair.p_value is not None and pair.p_value <= SIGNIFICANT


def joined(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _turned(pair: Pair) -> Pair:
    """The same pair from the other side."""
    difference = None if pair.difference is None else -pair.difference
    ci95 = (-pair.ci95[1], -pair.ci95[0]) if pair.ci95 else None
    return Pair(pair.b, pair.a, pair.seeds, pair.losses, pair.wins, difference, ci95, pair.p_value, pair.seeds_needed)


def _more(pair: Pair) -> str:
    if pair.seeds_needed is None:
        return ""
    if pair.seeds_needed >= MOST_SEEDS_NEEDED:
        return f"; {grouped(MOST_SEEDS_NEEDED)} or more seeds would be needed to show it"
    more = max(1, pair.seeds_needed - pair.seeds)
    return f"; about {grouped(more)} more {'seed' if more == 1 else 'seeds'} would be needed to show it"
