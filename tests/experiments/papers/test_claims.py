"""What papers claim holds of evidence that is as they say, and fails of evidence that is otherwise.

Nothing is measured here: ``tests/engine/papers`` runs the experiments themselves.
"""

import math
from dataclasses import replace
from functools import cache

import pytest
from msgspec.structs import replace as with_fields

from initterm.experiments.papers.claims import (
    glorot2010,
    hanin2018,
    he2015,
    klambauer2017,
    lu2019,
    mishkin2016,
    saxe2014,
    schoenholz2017,
    seed,
    symmetry,
    yang2022,
)
from initterm.experiments.papers.readings import middle, ratio, variance_factor
from initterm.experiments.training.board import Scoreboard
from tests.experiments.papers.evidence import HEALTHY, evidence_of, judged, layers


def learned(accuracy, **more):
    return {"accuracy": (accuracy,), "loss": (2.3 - accuracy,), **more}


def half_with_glorot(factors):
    def network(contender, chain):
        return layers(chain.depth, math.sqrt(factors[contender]))

    return network


def deeper_with_he(contender, experiment, _):
    return learned(0.9 if contender == 0 else 0.5 if len(experiment.network.hidden) < 30 else 0.12)


def test_he2015():
    assert all(judged(he2015.PAPER, evidence_of(he2015.PAPER, half_with_glorot((1, 0.5)), deeper_with_he)).values())
    swapped = evidence_of(
        he2015.PAPER,
        half_with_glorot((0.5, 1)),
        lambda contender, experiment, at: deeper_with_he(1 - contender, experiment, at),
    )
    assert [text for text, holds in judged(he2015.PAPER, swapped).items() if holds] == [
        "22 layers: training accuracy with He",
        "22 layers: training accuracy with Glorot",
    ]


@pytest.mark.parametrize("factor", [0.46, 0.53])
def test_he2015_tells_a_factor_that_is_little_off(factor):
    found = judged(he2015.PAPER, evidence_of(he2015.PAPER, half_with_glorot((1, factor)), deeper_with_he))
    assert [text for text, holds in found.items() if not holds] == [he2015.PAPER.claims[0].text]


SPECTRA = {"flat": (1.0,) * 64, "spread": tuple(10.0 ** -(at / 8) for at in range(64))}


def linear(orthogonal, gaussian):
    return lambda contender, chain: (layers(chain.depth), SPECTRA[(orthogonal, gaussian)[contender]])


def slower_by_depth(slow):
    """Trials that come to the target in the epoch 2, and those of one contender later by depth."""

    def trial(contender, experiment, _):
        epoch = 2 + (len(experiment.network.hidden) // 5 if contender == slow else 0)
        return {"loss": (2.0,) * (epoch - 1) + (0.1,) * (experiment.epochs - epoch + 1)}

    return trial


def test_saxe2014():
    holds = judged(saxe2014.PAPER, evidence_of(saxe2014.PAPER, linear("flat", "spread"), slower_by_depth(slow=1)))
    assert all(holds.values())
    turned = judged(saxe2014.PAPER, evidence_of(saxe2014.PAPER, linear("spread", "flat"), slower_by_depth(slow=0)))
    assert [text for text, holds in turned.items() if holds] == [RATES_BEYOND]


RATES_BEYOND = "orthogonal: rates tried beyond the best one, at the depth that has fewest"


def test_saxe2014_sees_that_its_rates_end_too_early():
    def the_larger_the_better(contender, experiment, _):
        rate = experiment.learning_rate * (len(experiment.network.hidden) + 1)
        return {"loss": (2.0, *(2.0 if rate < 0.99 * saxe2014.RATES[-1] else 0.1,) * (experiment.epochs - 1))}

    early = evidence_of(saxe2014.PAPER, linear("flat", "spread"), the_larger_the_better)
    assert not judged(saxe2014.PAPER, early)[RATES_BEYOND]


def test_saxe2014_counts_what_never_arrives_as_all_epochs():
    never = evidence_of(
        saxe2014.PAPER,
        linear("flat", "spread"),
        lambda contender, experiment, _: {"loss": (2.0 if contender else 0.1,) * experiment.epochs},
    )
    slow, quick = ([saxe2014._steps(never, depth, at) for depth in saxe2014.DEPTHS] for at in (1, 0))
    assert slow == [8 * never.trainings[0].experiment.epochs] * 3
    assert max(quick) < 8


def by_depth_scale(best, limit):
    """Networks learn up to so many depth scales, and best at this σ_w²."""

    def trial(contender, experiment, _):
        variance = schoenholz2017.weight_variance(experiment.contenders[contender])
        scales = depths_by_scale(experiment)[contender]
        return learned((0.9 if variance == best else 0.8) if scales < limit else 0.1)

    return trial


@cache
def depths_by_scale(experiment):
    return dict(schoenholz2017._depths_by_scale(Scoreboard.of(experiment)))


@pytest.mark.slow
def test_schoenholz2017():
    paper = schoenholz2017.PAPER
    assert all(judged(paper, evidence_of(paper, trial=by_depth_scale(1.76, 6))).values())
    found = judged(paper, evidence_of(paper, trial=by_depth_scale(4.0, math.inf)))
    assert list(found.values()) == [True, False, True, False]
    stuck = judged(paper, evidence_of(paper, trial=lambda *_: learned(0.1)))
    assert list(stuck.values()) == [True, False, False, True]
    other = replace(
        paper, trainings=tuple(replace(one, network=replace(one.network, bias_std=0.6)) for one in paper.trainings)
    )
    assert not judged(other, evidence_of(other, trial=by_depth_scale(1.76, 6)))["theory: σ_w² of the critical point"]


def self_normal(right):
    def network(contender, chain):
        return layers(chain.depth) if contender == right else layers(chain.depth, 1.069, mean=0.4)

    def trial(contender, experiment, _):
        return learned(0.9) if contender == right else {"status": "diverged", "loss": (None,), "accuracy": (0.1,)}

    return evidence_of(klambauer2017.PAPER, network, trial)


def test_klambauer2017():
    assert all(judged(klambauer2017.PAPER, self_normal(right=0)).values())
    assert not any(judged(klambauer2017.PAPER, self_normal(right=1)).values())


def starts(right, first=2.3):
    """Networks one of which keeps its variance and starts at once, the other after an epoch with this loss."""

    def network(contender, chain):
        return layers(chain.depth, math.sqrt(1.0 if contender == right else 0.774))

    return evidence_of(
        hanin2018.PAPER,
        network,
        lambda contender, *_: {"loss": (2.25, 2.0) if contender == right else (first, 2.3)},
    )


def test_hanin2018():
    assert all(judged(hanin2018.PAPER, starts(right=0)).values())
    assert not any(judged(hanin2018.PAPER, starts(right=1)).values())
    for loss in (2.0, 3.0):
        found = judged(hanin2018.PAPER, starts(right=0, first=loss))
        assert [text for text, holds in found.items() if not holds] == ["uncorrected: loss of the first epoch"]


def born(dead):
    """Of networks this share of which is dead at the end, by their width, a quarter of them from the third layer on."""
    counts = dict.fromkeys(lu2019.WIDTHS, 0)

    def network(contender, chain):
        width = chain.hidden[0]
        counts[width] += 1
        alive = layers(chain.depth)
        share = counts[width] / lu2019.NETWORKS
        if share > dead[width]:
            return alive
        first = 2 if share <= dead[width] / 4 else 3
        return (*alive[:first], *(with_fields(one, activation_std=0.0, oddity="zero") for one in alive[first:]))

    return evidence_of(lu2019.PAPER, network)


def test_lu2019():
    assert all(judged(lu2019.PAPER, born({2: 0.89, 3: 0.55, 5: 0.07})).values())
    assert not any(judged(lu2019.PAPER, born({2: 0.1, 3: 0.6, 5: 0.9})).values())


def changing(powers):
    """Logits that the first step changes by a power of the width, which the parametrization tells."""

    def trial(_, experiment, __):
        network = experiment.network
        change = network.hidden[0] ** powers[network.parametrization]
        return {"diagnoses": (with_fields(HEALTHY, logit_change=change, feature_change=change),)}

    return evidence_of(yang2022.PAPER, trial=trial)


def test_yang2022():
    assert all(judged(yang2022.PAPER, changing({"standard": 0.9, "mup": -0.1})).values())
    assert not any(judged(yang2022.PAPER, changing({"standard": 0.0, "mup": 0.9})).values())
    assert not any(judged(yang2022.PAPER, changing({"standard": 1.6, "mup": -0.6})).values())
    assert not any(judged(yang2022.PAPER, evidence_of(yang2022.PAPER, trial=lambda *_: {"diagnoses": ()})).values())


def test_yang2022_sees_features_that_stand_still():
    still = with_fields(HEALTHY, logit_change=0.1, feature_change=0.0)
    found = judged(yang2022.PAPER, evidence_of(yang2022.PAPER, trial=lambda *_: {"diagnoses": (still,)}))
    assert not any(holds for text, holds in found.items() if "features" in text)


def seeds(lead, spread):
    """Accuracies that go up and down by the seed, for each contender at seeds of its own."""

    def trial(contender, experiment, at):
        return {"test_accuracy": 0.9 + lead * (contender == 0) + spread * (-1) ** (at + contender) / 2}

    return evidence_of(seed.PAPER, trial=trial)


def test_seed():
    assert all(judged(seed.PAPER, seeds(lead=0.005, spread=0.02)).values())
    assert not any(judged(seed.PAPER, seeds(lead=0.1, spread=0.0)).values())


def test_seed_is_finite_where_nothing_differs():
    found = judged(seed.PAPER, seeds(lead=0.0, spread=0.0))
    assert list(found.values()) == [False, True, True]
    assert seed._lead(seeds(lead=0.0, spread=0.02)) == pytest.approx(0, abs=1e-9)


def symmetric(broken):
    """Units that stay alike and learn no more than the classes' shares; or that part and learn."""

    def trial(contender, experiment, _):
        equal = contender != symmetry.RANDOM and not broken
        diagnosed = with_fields(HEALTHY, loss=math.log(10) if equal else 2.5, unit_spread=0.0 if equal else 1.0)
        accuracy = (0.1, 0.3, 0.9)[contender] if not broken else (0.9, 0.9, 0.1)[contender]
        loss = (math.log(10) if equal else 0.1,)
        return {"diagnoses": (diagnosed,), "loss": loss, "test_accuracy": accuracy}

    return evidence_of(symmetry.PAPER, trial=trial)


def test_symmetry():
    assert all(judged(symmetry.PAPER, symmetric(broken=False)).values())
    assert not any(judged(symmetry.PAPER, symmetric(broken=True)).values())


def normalized(standard, other, losses):
    """Factors (std a layer, gradient back, gradient of the weights, std at the first layer) of either, and losses."""

    def network(contender, chain):
        factor, back, weights, first = (standard, other)[contender]
        return layers(chain.depth, factor, first, back, weights)

    return evidence_of(glorot2010.PAPER, network, lambda contender, *_: {"loss": (losses[contender],)})


def test_glorot2010():
    told = (0.564, 0.565, 1.0, 0.46), (0.851, 0.863, 1.0, 0.609)
    assert all(judged(glorot2010.PAPER, normalized(*told, losses=(2.0, 1.0))).values())
    otherwise = (0.85, 0.95, 1.2, 0.6), (0.55, 0.55, 1.0, 0.46)
    assert not any(judged(glorot2010.PAPER, normalized(*otherwise, losses=(1.0, 2.0))).values())


def fitted(variance, accuracies):
    return evidence_of(
        mishkin2016.PAPER,
        lambda contender, chain: layers(chain.depth, first=math.sqrt(variance)),
        lambda contender, *_: learned(accuracies[contender]),
    )


def test_mishkin2016():
    assert all(judged(mishkin2016.PAPER, fitted(1.0, (0.9, 0.9, 0.1))).values())
    for variance in (0.8, 1.2):
        assert not any(judged(mishkin2016.PAPER, fitted(variance, (0.1, 0.1, 0.9))).values())


PAPERS = (glorot2010, hanin2018, he2015, klambauer2017, lu2019, mishkin2016, saxe2014, schoenholz2017, seed, yang2022)


@pytest.mark.parametrize("paper", [one.PAPER for one in PAPERS], ids=lambda paper: paper.name)
def test_of_no_evidence_nothing_that_is_measured_is_claimed(paper):
    """A claim that needs a measurement has no number before there is one, and can't hold."""
    from initterm.experiments.papers.paper import PaperResults
    from initterm.experiments.signal.board import SignalBoard

    nothing = PaperResults(tuple(map(SignalBoard, paper.signals)), tuple(map(Scoreboard.of, paper.trainings)))
    known = {claim.text: claim.quantity(nothing) for claim in paper.claims}
    assert not any(holds for text, holds in judged(paper, nothing).items() if not text.startswith(("theory", "more")))
    assert all(value is None or math.isfinite(value) for value in known.values())


def test_medians_and_ratios_pass_over_what_is_no_number():
    assert middle([None, 3.0, 1.0, None, 2.0]) == 2.0
    assert middle([None]) is None
    assert [ratio(1.0, 2.0), ratio(1.0, 0.0), ratio(None, 2.0), ratio(1.0, None)] == [0.5, None, None, None]


def test_a_layers_factor_is_that_of_the_variance():
    evidence = evidence_of(he2015.PAPER, half_with_glorot((1, 0.5)), deeper_with_he)
    assert variance_factor(evidence, 1) == pytest.approx(0.5)
