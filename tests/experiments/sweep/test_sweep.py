"""A sweep has one text form, tells its cells and trials, and says in a sentence what can't be one."""

import re
import shlex

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initterm.experiments.sweep.cell import called_with
from initterm.experiments.sweep.contenders import filled, placeholders_in
from initterm.experiments.sweep.groups import Plan, sent
from initterm.experiments.sweep.setting_words import words_of_settings
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.sweep.text import parts_of
from initterm.theory.numbers import as_typed
from initterm.theory.refusal import Refusal
from tests.experiments.sweep.axes import AXES

SCALE = "variance_scaling(scale={s})"


SWEEPS = (
    f"he_normal '{SCALE}' --over hidden=64*5,64*10 --over s=0.5:4:15 --seeds 3 --residual",
    "--over learning_rate=0.0003:0.01:4log --over 'activation=relu,tanh,leaky_relu(negative_slope=0.3)'",
    "he_normal@tanh glorot_uniform --over=depth=5:50:10 --over width=64,128 --bias-std 0.05",
    "zeros --over depth=2,3 --hidden 64*3 --data 'a file.npz'",
    "declared --over model.depth=4,8,16 --over model.norm=True,False --model 'my:cnn(depth=2, width=3)' --where ''",
    "--model my:cnn --over learning_rate=0.1,0.2 --over model.depth=4,8",
    "--over model=my:cnn,your:cnn --epochs 3",
)


@pytest.mark.parametrize("text", SWEEPS)
def test_a_sweep_is_read_as_it_is_written_and_sent(text):
    sweep = Sweep.parse(text)
    assert Sweep.parse(str(sweep)) == sweep
    assert msgspec.json.decode(msgspec.json.encode(sweep), type=Sweep) == sweep
    assert len({sweep, Sweep.parse(str(sweep))}) == 1


@settings(max_examples=25)
@given(
    st.lists(AXES, min_size=1, max_size=4, unique_by=lambda axis: axis.name.split(".")[0]),
    st.integers(1, 5),
    st.floats(0, 0.9),
)
def test_a_sweep_of_any_axes_is_read_as_it_is_written(axes, seeds, dropout):
    names = {axis.name for axis in axes}
    own = any(name.startswith("model.") for name in names)
    axes = [axis for axis in axes if not own or axis.name not in ("hidden", "activation", "batch_norm")]
    words = ["random_normal(mean={s})" if "s" in names else "he_normal", "--seeds", str(seeds)]
    words += ["--model", "my:cnn"] if own else ["--dropout", as_typed(dropout)]
    sweep = Sweep.parse(shlex.join([*words, *(f"--over={axis}" for axis in axes)]))
    assert Sweep.parse(str(sweep)) == sweep
    assert sweep.axes == tuple(axes)


def test_cells_have_the_values_of_their_axes_set_the_last_axis_first():
    sweep = Sweep.parse(f"'{SCALE}' he_normal --over hidden=64*3,32 --over s=1,2 --epochs 4 --seeds 2")
    cells = list(sweep.cells())
    assert [cell.settings for cell in cells] == [
        (("hidden", "64*3"), ("s", "1")),
        (("hidden", "64*3"), ("s", "2")),
        (("hidden", "32"), ("s", "1")),
        (("hidden", "32"), ("s", "2")),
    ]
    assert [cell.experiment.network.hidden for cell in cells] == [(64, 64, 64)] * 2 + [(32,)] * 2
    assert str(cells[3].experiment.contenders[0]) == "variance_scaling(scale=2.0)"
    assert {cell.experiment.epochs for cell in cells} == {4}
    assert str(cells[2]) == "hidden 32, s 1"
    assert sweep.cell(3) == cells[3]


def test_trials_are_those_of_the_cells_and_found_by_their_keys():
    sweep = Sweep.parse("he_normal zeros --over epochs=1,2,3 --seeds 2")
    trials = list(sweep.trials)
    assert len(set(trials)) == sweep.trial_count == 12
    assert trials == [sweep.trial(trial.key) for trial in trials]
    assert [str(trial.trial) for trial in trials[4:8]] == [str(trial) for trial in trials[4].cell.experiment.trials]


def test_depth_and_width_are_axes_of_layers_that_are_alike():
    sweep = Sweep.parse("zeros --over depth=2,3 --over width=64,32")
    assert [cell.experiment.network.hidden for cell in sweep.cells()] == [(64,) * 2, (32,) * 2, (64,) * 3, (32,) * 3]


def test_arguments_of_a_model_are_set_beside_its_others():
    sweep = Sweep.parse("--model 'my:cnn(1, depth=2, width=3)' --over model.depth=4,8 --over model.act=relu")
    assert [cell.experiment.own.model for cell in sweep.cells()] == [
        "my:cnn(1, width=3, depth=4, act='relu')",
        "my:cnn(1, width=3, depth=8, act='relu')",
    ]
    assert sweep.experiment.own.own_optimizer
    assert called_with("my:cnn(depth=2)", {"depth": ...}) == "my:cnn"


def test_numbers_stand_open_in_initializers_and_activations():
    texts = (SCALE, "he_normal@leaky_relu(negative_slope={a})", "zeros")
    assert placeholders_in(texts) == ("s", "a")
    assert [str(filled(text, {"s": "2", "a": "0.3"})) for text in texts] == [
        "variance_scaling(scale=2.0)",
        "he_normal@leaky_relu(negative_slope=0.3)",
        "zeros",
    ]


def test_a_command_line_without_its_name_tells_the_same():
    text = "zeros --over epochs=1,2 --residual --hidden=64*3"
    assert parts_of(f"initterm sweep {text}") == parts_of(text)
    assert parts_of(text)[1]["residual"] is True


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "A sweep has at least one axis; write"),
        ("--over hiden=64*5", "No axis is called 'hiden'; did you mean hidden?"),
        ("--over momentum=1", "No axis is called 'momentum'; write a setting"),
        ("--over hidden", "'hidden' is no axis with its values"),
        ("--over hidden=", "A value of hidden is missing"),
        ("--over hidden=64,,32", "A value of hidden is missing"),
        ("--over hidden=64*2,64,(64,64)", "The axis hidden has 64,64 twice"),
        ("--over epochs=1:3:8", "The axis epochs has 1 twice"),
        ("--over hidden=64 --over hidden=32", "There are two axes of hidden"),
        ("--over hidden=64 --over depth=3", "hidden says what layers there are, and so does depth"),
        ("--over depth=3,4", "An axis of depth needs layers of one width"),
        ("--over learning_rate=0.1,0", "The learning rate is greater than 0"),
        ("--over activation=relu,tahn", "did you mean tanh"),
        ("--over learning_rate=1:2", "a range is first:last:count, such as 0.5:4:15"),
        ("--over learning_rate=1:2:0log", "values of learning_rate: a whole number from 2"),
        ("--over bias_std=0:1:3log", "at even ratios are greater than 0, not 0:1:3log"),
        ("--over seeds=1,2", "seeds is no axis of a sweep: each cell has the same seeds"),
        ("--over stop-losing=none", "stop_losing is no axis of a sweep: each trial"),
        (f"'{SCALE}' --over epochs=1,2", "{s} has no values; write, for example, --over s=0.5:4:15"),
        (f"'{SCALE}' --over s=1,2 --over t=1", "No axis is called 't'"),
        (f"'{SCALE}' --over s=1,-1", "The cell of s -1 can't be run: variance_scaling: scale is a number greater"),
        ("'variance_scaling(scale={epochs})' --over epochs=1", "{epochs} is called as a setting is"),
        ("'variance_scaling(scale={})' --over epochs=1", "is not an initializer"),
        ("--over batch_size=32,8000", "The cell of batch_size 8000 can't be run: 5,000 samples leave"),
        ("--over learning_rate=0.1:1:200 --over epochs=1:100:100", "at most 10,000 cells, not 200 × 100 = 20,000"),
        ("--over epochs=1:100:100 --seeds 900", "at most 100,000 trials, not 180,000"),
        ("--over model.depth=1,2", "model.depth is an argument of a model's function"),
        ("--over model.depth=1,2 --model my.keras", "not my.keras"),
        ("--over model.=1,2 --model my:cnn", "names no argument"),
        ("--over model.depth=[1] --model my:cnn", "An argument is a number"),
        ("--over activation=relu --model my:cnn", "Nothing depends on activation in a model of your own"),
        ("--over train_data=a,b", "for a model of your own"),
        ("--over model.depth=1 --model my:cnn --hidden 64", "A model of your own has its layers"),
        ("he_normal@relu --over activation=relu,elu", "Nothing depends on activation where every contender has its"),
        ("--over epochs=1 --minutes 3", "leave --minutes and --stop-losing out"),
        ("--over epochs=1 --epoch 3", "No option is called '--epoch'; did you mean --epochs?"),
        ("--over epochs=1 --epochs", "--epochs has no value"),
        ("--over 'epochs=1", "quotation mark"),
    ],
)
def test_what_is_no_sweep_is_refused_in_a_sentence(text, says):
    with pytest.raises(Refusal, match=re.escape(says)) as refused:
        Sweep.parse(text)
    assert str(refused.value).endswith((".", "?"))


def test_a_cell_that_cannot_be_is_told_before_the_sweep_starts():
    sweep = Sweep.parse("--over batch_size=32,4000 --over samples=5000,4000")
    with pytest.raises(Refusal, match="The cell of batch_size 4000, samples 4000 can't be run: 4,000 samples leave"):
        Plan(sweep)


def test_an_experiment_of_another_cell_is_none_of_the_sweep():
    sweep = Sweep.parse("--over epochs=1,2")
    with pytest.raises(ValueError, match="first cell"):
        Sweep(sweep.contenders, sweep.cell(1).experiment, sweep.axes)


def groups_of(plan, most=8):
    return [*iter(lambda: plan.next_group(lambda _: most), None)]


def test_groups_hold_trials_that_compile_alike():
    sweep = Sweep.parse("he_normal zeros@tanh --over learning_rate=0.1:1:5 --over hidden=64,32 --seeds 2")
    found = groups_of(Plan(sweep))
    assert sorted(key for group in found for key in group.trials) == [trial.key for trial in sweep.trials]
    assert sorted(len(group.trials) for group in found) == [2, 2, 2, 2, 8, 8, 8, 8]
    for group in found:
        trials = [sweep.trial(key) for key in group.trials]
        assert {one.cell.experiment.step_of(one.trial.contender) for one in trials} == {group.architecture.step}


def test_what_is_done_is_handed_out_no_more_and_what_is_given_back_once_more():
    sweep = Sweep.parse("he_normal zeros --over batch_size=16,32 --seeds 2")
    plan = Plan(sweep)
    for key in ((0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 1)):
        plan.take_over(TrialKey(*key))
    assert plan.left == 3
    (group,) = groups_of(plan)
    assert group.trials == ((1, 0), (1, 2), (1, 3))
    plan.give_back(group)
    assert not plan.empty
    assert groups_of(plan) == [group]
    assert plan.empty


def test_the_same_training_in_several_cells_is_done_once():
    sweep = Sweep.parse(f"he_normal '{SCALE}' --over learning_rate=0.1,0.2 --over s=0.5,1,2 --seeds 2")
    plan = Plan(sweep)
    keys = [key for group in groups_of(plan) for key in group.trials]
    assert len(keys) == 2 * (2 + 3 * 2)
    assert plan.alike(TrialKey(0, 2)) == ((1, 2), (2, 2))
    assert plan.alike(TrialKey(0, 3)) == ()
    assert plan.first(TrialKey(5, 0)) == (3, 0)
    told = sorted({*keys, *(other for key in keys for other in plan.alike(key))})
    assert told == [trial.key for trial in sweep.trials]


def test_an_activation_of_its_own_makes_a_contender_the_same_along_that_axis():
    plan = Plan(Sweep.parse("he_normal@tanh zeros --over activation=relu,tanh,elu"))
    assert plan.alike(TrialKey(0, 0)) == ((1, 0), (2, 0))
    assert plan.alike(TrialKey(0, 1)) == ()


def test_what_is_sent_of_a_group_are_its_cells_with_their_trials():
    sweep = Sweep.parse("he_normal zeros --over epochs=1,2 --seeds 2")
    told = sent(sweep, (TrialKey(1, 3), TrialKey(0, 2), TrialKey(1, 0)))
    assert [(one.cell, one.trials) for one in told] == [(1, (3, 0)), (0, (2,))]
    assert [one.experiment.epochs for one in told] == [2, 1]


def test_what_is_done_stays_done_when_there_are_more_seeds():
    fewer, more = (Sweep.parse(f"he_normal zeros --over epochs=1,2 --seeds {seeds}") for seeds in (2, 3))
    done = {trial.key: (trial.cell.settings, trial.trial) for trial in fewer.trials}
    assert done.items() <= {trial.key: (trial.cell.settings, trial.trial) for trial in more.trials}.items()


def test_the_settings_in_words_name_axes_and_no_value_of_the_first_cell():
    told = words_of_settings(Sweep.parse("he_normal --over hidden=64*2,64*4 --over learning_rate=0.1,0.2 --seeds 2"))
    assert told.startswith("over hidden relu · adam over learning_rate")
    assert "64" not in told
    both = words_of_settings(Sweep.parse("he_normal --over depth=2,4 --over width=8,9"))
    assert both.startswith("over depth and width relu")
    own = words_of_settings(Sweep.parse("--model my:cnn --over model.depth=4,8"))
    assert "over model.depth" in own
    assert "depth=4" not in own
