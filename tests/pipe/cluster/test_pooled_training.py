"""A training on workers tells of each trial what one engine does, once, whatever becomes of the workers."""

import errno
import itertools

import pytest

from initterm.engine.training.going_on import GoingOn
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.board import Scoreboard, TrialEvent
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import (
    Compared,
    DataLoaded,
    PoolStarted,
    RunStarted,
    StepsFinished,
    TrialFinished,
    TrialResumed,
)
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.cluster import driver
from initterm.pipe.cluster.group_task import decode_asked, encode
from initterm.pipe.cluster.pooled_training import as_sweep, pooled_training
from initterm.pipe.cluster.told_once import ToldOnce
from initterm.pipe.kept_runs import kept_training
from initterm.store import keeping
from initterm.store.journal import Journal
from initterm.store.runs import Runs
from initterm.store.wishes import Wishes
from initterm.theory.refusal import Refusal
from tests.pipe.cluster.simulated import SimulatedPool
from tests.pipe.cluster.simulated_training import in_one_engine, trains

pytest.importorskip("distributed")

WHO = tuple(map(Contender.parse, ("he_normal", "glorot_uniform", "he_normal@tanh")))
EXPERIMENT = Experiment(WHO, epochs=3, seeds=4)
PLACE = Workplace(workers=2)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(driver, "TELL_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "LOOK_SECONDS", 0.0)


def told_by(pool, experiment=EXPERIMENT, before=(), cancelled=()):
    return [*pooled_training(experiment, PLACE, cancelled, GoingOn(before), pool)]


def of_trials(told, experiment=EXPERIMENT):
    """What was told of each trial, without what passes."""
    own = [event for event in told if isinstance(event, TrialEvent) and not isinstance(event, StepsFinished)]
    count = len(experiment.contenders) * experiment.seeds
    return [[event for event in own if event.trial == trial] for trial in range(count)]


def pool(**options):
    return SimulatedPool(does=trains, **options)


def silent():
    """A pool of which nothing is heard while trials go on."""
    made = pool()
    made.heard = list
    return made


def asked_of(made):
    return [trial for asked in made.submitted for one in decode_asked(asked).cells for trial in one.trials]


@pytest.mark.parametrize("made", [pool, silent])
def test_each_trial_tells_what_it_does_in_one_engine(made):
    told = told_by(made())
    assert of_trials(told) == in_one_engine(EXPERIMENT)
    board = Scoreboard.of(EXPERIMENT, told)
    assert board.finished
    assert board.pool == PoolStarted("simulated", 2, 1)
    assert [type(event) for event in told].count(RunStarted) == [type(event) for event in told].count(DataLoaded) == 1
    assert len(board.t_quantiles) == EXPERIMENT.seeds - 1
    assert any(isinstance(event, StepsFinished) for event in told) == (made is pool)


def test_what_is_concluded_is_what_one_engine_concludes():
    told = told_by(pool())
    from initterm.engine.training.comparisons import compared

    by_epoch = itertools.zip_longest(*in_one_engine(EXPERIMENT))
    one_engine = [event for events in by_epoch for event in events if event]
    last = [*compared(EXPERIMENT, one_engine, 16)][-1]
    assert isinstance(told[-1], Compared)
    assert told[-1] == last
    assert last.settled
    epochs = [event.epoch for event in told if isinstance(event, Compared)]
    assert len(epochs) <= EXPERIMENT.epochs + 2 * EXPERIMENT.seeds


def test_engines_that_are_lost_tell_nothing_twice():
    lost = []

    def loses(group):
        for event in trains(group):
            yield event
            if isinstance(event, StepsFinished) and event.trial not in lost:
                lost.append(event.trial)
                from initterm.pipe.cluster.child import ChildLost

                raise ChildLost("TensorFlow ended on simulated.")

    told = told_by(SimulatedPool(does=loses))
    assert len(lost) == 12
    assert of_trials(told) == in_one_engine(EXPERIMENT)


def test_what_was_not_heard_is_told_at_the_end_and_what_is_heard_late_is_not_told_again():
    class Deaf(SimulatedPool):
        """Hears every third line, and all of them once more later."""

        late = ()

        def heard(self):
            told = super().heard()
            late, self.late = self.late, tuple(told)
            return [*told[::3], *late]

    told = told_by(Deaf(does=trains))
    one_engine = in_one_engine(EXPERIMENT)
    assert [sorted(map(encode, own)) for own in of_trials(told)] == [sorted(map(encode, own)) for own in one_engine]
    whole = [event for own in one_engine for event in own]
    assert Scoreboard.of(EXPERIMENT, told).records == Scoreboard.of(EXPERIMENT, whole).records


def test_a_trial_that_cannot_be_done_ends_it_in_a_sentence():
    from initterm.experiments.sweep.sweep import TrialKey

    with pytest.raises(Refusal, match=r"^he_normal@tanh, seed 42: TensorFlow ended on .* That was so 3 times"):
        told_by(pool(lost={TrialKey(0, 2)}))


@pytest.mark.parametrize("events", [5, 20, 40, 80])
def test_a_run_that_was_interrupted_goes_on_and_trains_nothing_again_that_is_over(events):
    whole = told_by(pool())
    before = whole[:events]
    again = pool()
    told = told_by(again, before=before)
    assert of_trials([*before, *told]) == in_one_engine(EXPERIMENT)
    over = {event.trial for event in before if isinstance(event, TrialFinished)}
    assert set(asked_of(again)) == set(range(12)) - over
    begun = {trial for trial, own in enumerate(of_trials(before)) if own} - over
    assert {event.trial for event in told if isinstance(event, TrialResumed)} == begun
    assert told[-1] == whole[-1]
    assert Scoreboard.of(EXPERIMENT, [*before, *told]).finished


def test_a_run_of_which_only_the_last_comparison_is_missing_tells_it():
    whole = told_by(pool())
    end = max(index for index, event in enumerate(whole) if isinstance(event, TrialFinished))
    assert told_by(pool(), before=whole[: end + 1])[-1] == whole[-1]


def test_more_seeds_are_trained_beside_those_that_are_over():
    more = Experiment(WHO, epochs=3, seeds=6, looked=(4,))
    before, again = told_by(pool()), pool()
    told = told_by(again, more, before)
    assert sorted(asked_of(again)) == list(range(12, 18))
    assert of_trials([*before, *told], more) == in_one_engine(more)
    assert told[-1].comparison.look == 2


def test_other_images_than_it_was_begun_with_are_refused():
    before = [event for event in told_by(pool()) if not isinstance(event, TrialFinished)]
    index = next(index for index, event in enumerate(before) if isinstance(event, DataLoaded))
    before[index] = DataLoaded("others", 4000, 1000, 16, "", fingerprint="ff")
    with pytest.raises(Refusal, match="the examples it was begun with"):
        told_by(pool(), before=before)


def test_a_contender_that_is_cancelled_goes_no_further():
    cancelled, made, told = set(), pool(), []
    for event in pooled_training(EXPERIMENT, PLACE, cancelled, GoingOn(), made):
        told.append(event)
        if isinstance(event, TrialFinished) and not cancelled:
            cancelled.add(1)
    ends = {event.trial: event.status for event in told if isinstance(event, TrialFinished)}
    assert ends.keys() == set(range(12))
    assert {trial for trial, status in ends.items() if status == "cancelled"} <= {1, 4, 7, 10}
    assert "cancelled" in ends.values()
    assert len(asked_of(made)) < 12
    assert made.closed


def test_what_binds_trials_together_is_refused():
    for name, value in (("minutes", 1.0), ("stop_losing", True)):
        with pytest.raises(Refusal, match=f"With --{name.replace('_', '-')} trials wait for each other"):
            told_by(pool(), Experiment(WHO, **{name: value}))


def test_its_only_cell_is_the_experiment():
    sweep = as_sweep(EXPERIMENT)
    assert (sweep.cell_count, sweep.cell(0).experiment, sweep.trial_count) == (1, EXPERIMENT, 12)


# Kept


def kept_by(monkeypatch, made, run="", experiment=EXPERIMENT):
    monkeypatch.setattr("initterm.pipe.cluster.pooled_training.pool_of", made)
    return kept_training(experiment, set(), run, workplace=PLACE)


def test_a_run_that_is_kept_knows_its_workers_and_goes_on(monkeypatch):
    told = kept_by(monkeypatch, pool())
    ends = 0
    for event in told:
        ends += isinstance(event, TrialFinished)
        if ends == 5:
            break
    told.close()
    run = Runs().find("last")
    assert run.state == "cancelled"
    assert run.header.machine.threads == 1
    assert run.board()[0].pool.workers == 2
    with pytest.raises(Refusal, match=f"It was begun on workers.*initterm runs resume {run.id} goes on"):
        [*kept_training(EXPERIMENT, set(), run.id)]
    again = pool()
    [*kept_by(monkeypatch, again, run.id)]
    assert len(asked_of(again)) == 7
    kept = Runs().find("last")
    assert kept.state == "finished"
    assert of_trials(kept.told()[0]) == in_one_engine(EXPERIMENT)


def test_somebody_who_looks_on_lets_it_wait_and_ends_it(monkeypatch):
    made, held = pool(), 0
    for event in kept_by(monkeypatch, made):
        folder = Runs().find("last").folder
        if isinstance(event, TrialFinished) and not held:
            Wishes(paused=True).write(folder)
        if type(event).__name__ == "Held":
            held += 1
            Wishes(paused=held < 3, cancelled=held >= 3).write(folder)
    assert held == 3
    assert Runs().find("last").state == "cancelled"
    assert made.closed


def test_a_disk_that_is_full_ends_the_keeping_and_not_the_training(monkeypatch):
    append = Journal.append

    def full(self, *events, durable=False):
        if any(isinstance(event, TrialFinished) for event in events):
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, *events, durable=durable)

    monkeypatch.setattr(Journal, "append", full)
    told = [*kept_by(monkeypatch, pool())]
    assert sum(isinstance(event, TrialFinished) for event in told) == 12
    assert "isn't kept any more" in next(one.sentence for one in told if type(one).__name__ == "KeepingFailed")


def test_what_is_told_of_a_trial_is_told_in_its_order():
    told = ToldOnce(EXPERIMENT, Scoreboard.of(EXPERIMENT).records)
    assert [*told.of(in_one_engine(EXPERIMENT)[0][0])] == []
    assert encode(told.over) == b"[]"
    assert not told.all_over
