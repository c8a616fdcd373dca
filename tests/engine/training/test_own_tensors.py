"""What a trial of a person's own model begins with: by the seed anew each time, and otherwise only where it is told."""

import numpy as np
import pytest

from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.source import open_model
from initterm.engine.runtime import keras, tf
from initterm.engine.training.own_tensors import OwnTensors
from initterm.experiments.training.contender import Contender
from initterm.theory.refusal import Refusal
from tests.engine.training.drawn_models import chain, differing, mlp, opened, own, values_of

layers = keras.layers
initializers = keras.initializers

DECLARED, HE = Contender.parse("declared"), Contender.parse("he_normal")
SEEDS = (42, 43, 44, 45, 46)


def numbers(model):
    """Every variable's numbers, in the model's order."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in model.variables]


SHARED = initializers.HeNormal()
"""Made as this module was imported."""


class Own(layers.Layer):
    """Asks for weights and keeps nothing of what draws them."""

    def __init__(self, initializer=None, **more):
        super().__init__(**more)
        self.asked = initializer

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 8), initializer=self.asked, name="w")

    def call(self, x):
        return keras.ops.relu(x @ self.w)


class Code(keras.Model):
    """A model that is only code, with a part that is a model again."""

    def __init__(self):
        super().__init__()
        self.first = layers.Dense(8, kernel_initializer=initializers.HeNormal(seed=1))
        self.inner = chain(layers.Dense(8, kernel_initializer=initializers.HeNormal(seed=1)), shape=(8,))
        self.last = layers.Dense(2)

    def call(self, x):
        return self.last(self.inner(self.first(x)))


def code():
    model = Code()
    model(np.zeros((1, 8), "float32"))
    return model


def attention():
    inputs = keras.Input((4, 8))
    out = layers.MultiHeadAttention(2, 4, kernel_initializer=initializers.GlorotUniform(seed=3))(inputs, inputs)
    return keras.Model(inputs, layers.Dense(2)(out))


def both_ways():
    cell = layers.LSTM(6, kernel_initializer=initializers.GlorotUniform(seed=3))
    return chain(layers.Bidirectional(cell), layers.Dense(2), shape=(4, 8))


def one_for_all():
    shared = initializers.HeNormal()
    return mlp(shared)


TRAPS = {
    "an instance that is called twice": one_for_all,
    "an instance made at import": lambda: mlp(SHARED),
    "a whole number as seed": lambda: mlp(initializers.HeNormal(seed=7)),
    "query, key and value of one seed": attention,
    "both directions of one seed": both_ways,
    "a layer that keeps no initializer": lambda: chain(Own(), Own(initializers.HeNormal(seed=1)), layers.Dense(2)),
    "code with a model in it": code,
}


@pytest.mark.parametrize("build", TRAPS.values(), ids=TRAPS)
def test_five_seeds_give_five_draws_of_every_tensor_that_takes_part(build):
    model = opened(build)
    tensors = OwnTensors(model, own(), (DECLARED, HE))
    assert tensors.rows
    for contender in (DECLARED, HE):
        draws = [values_of(tensors, model, contender, seed) for seed in SEEDS]
        taken = [(row.path, draw[row.path]) for row in tensors.rows for draw in draws]
        for at, (path, one) in enumerate(taken):
            for other_path, other in taken[at + 1 :]:
                assert one.shape != other.shape or not np.array_equal(one, other), (path, other_path)
        again = values_of(tensors, model, contender, SEEDS[0])
        assert all(np.array_equal(again[path], draws[0][path]) for path in again)


@pytest.mark.parametrize("build", TRAPS.values(), ids=TRAPS)
def test_contenders_of_a_seed_differ_in_the_named_tensors_alone(build):
    model = opened(build)
    tensors = OwnTensors(model, own(), (DECLARED, HE, Contender.parse("lecun_normal")))
    first = values_of(tensors, model, DECLARED, 42)
    other = values_of(tensors, model, Contender.parse("lecun_normal"), 42)
    assert differing(first, other) == {row.path for row in tensors.rows}


def test_a_model_has_the_same_draws_whatever_was_built_before_it():
    def named_by_keras():
        return chain(layers.Dense(8), layers.Dense(8), layers.Dense(2))

    drawn = []
    for _ in range(2):
        model = opened(named_by_keras)
        OwnTensors(model, own(), (DECLARED,)).draw(DECLARED, 42, None)
        drawn.append(numbers(model.model))
    assert all(map(np.array_equal, *drawn))


def test_none_fits_and_it_says_which_is_near():
    with pytest.raises(Refusal, match="did you mean hidden0/kernel"):
        OwnTensors(opened(mlp), own(where="hiden0/kernel"), (DECLARED,))


def test_what_was_loaded_or_is_frozen_stays_and_all_else_begins_anew():
    def build():
        model = mlp(widths=(8, 8, 8))
        model.layers[0].kernel.assign(np.ones((16, 8)))
        model.layers[1].trainable = False
        return model

    model = opened(build)
    tensors = OwnTensors(model, own(), (DECLARED, HE))
    assert [row.path for row in tensors.rows] == ["hidden2/kernel"]
    assert tensors.others == 7
    before = {tensor.path: tensor.values.copy() for tensor in model.tensors}
    for variable in model.model.variables:
        variable.assign(variable + 1)
    after = values_of(tensors, model, HE, 43)
    assert differing(before, after) == {"hidden2/kernel", "head/kernel"}
    assert "hidden0/kernel, hidden1/kernel" in tensors.notes[0]


def test_a_loaded_tensor_that_is_named_takes_part():
    def build():
        model = mlp()
        model.layers[0].kernel.assign(np.ones((16, 16)))
        return model

    model = opened(build)
    tensors = OwnTensors(model, own(where="hidden0/*nel"), (DECLARED, HE))
    assert [row.path for row in tensors.rows] == ["hidden0/kernel"]
    assert (values_of(tensors, model, DECLARED, 42)["hidden0/kernel"] == 1).all()
    assert 0.3 < values_of(tensors, model, HE, 42)["hidden0/kernel"].std() < 0.4


@pytest.mark.parametrize(("fans", "std"), [("summed", np.sqrt(2 / 9)), ("keras", np.sqrt(2 / (9 * 64)))])
def test_texts_are_drawn_by_the_fans_that_are_asked_for(fans, std):
    model = opened(lambda: chain(layers.DepthwiseConv2D(3), layers.Flatten(), layers.Dense(2), shape=(8, 8, 64)))
    tensors = OwnTensors(model, own(fans=fans), (HE,))
    assert tensors.rows[0].fans == ((9, 9) if fans == "summed" else (9 * 64, 9))
    assert values_of(tensors, model, HE, 42)[tensors.rows[0].path].std() == pytest.approx(std, rel=0.1)


def test_declared_is_what_keras_draws_with_the_fans_that_it_counts():
    model = opened(
        lambda: chain(
            layers.DepthwiseConv2D(3, depthwise_initializer="he_normal", name="deep"),
            layers.Flatten(),
            layers.Dense(2),
            shape=(8, 8, 64),
        )
    )
    drawn = values_of(OwnTensors(model, own(), (DECLARED,)), model, DECLARED, 42)
    assert drawn["deep/kernel"].std() == pytest.approx(np.sqrt(2 / (9 * 64)), rel=0.1)


def test_a_bias_with_its_forget_gate_open_and_an_einsums_axes_begin_as_in_keras():
    def build():
        inputs = keras.Input((4, 8))
        seen = layers.MultiHeadAttention(2, 8, name="see")(inputs, inputs)
        return keras.Model(inputs, layers.Dense(2)(layers.LSTM(3, name="go")(seen)))

    for model in (opened(build), OpenedModel(build())):
        drawn = values_of(OwnTensors(model, own(), (DECLARED,)), model, DECLARED, 42)
        assert drawn["go/lstm_cell/bias"].tolist() == [0] * 3 + [1] * 3 + [0] * 6
        assert np.abs(drawn["see/query/kernel"]).max() == pytest.approx(np.sqrt(6 / (8 + 16)), rel=0.1)


def random_function(shape, dtype=None):
    return np.random.standard_normal(shape).astype(dtype)


def always_the_same(shape, dtype=None):
    return np.random.default_rng(1).standard_normal(shape).astype(dtype)


class Within(initializers.Initializer):
    """Draws by one of Keras's that it made itself."""

    def __init__(self):
        self.inner = initializers.HeNormal(seed=5)

    def __call__(self, shape, dtype=None):
        return self.inner(shape, dtype)


@pytest.mark.parametrize("initializer", [random_function, Within()], ids=["function", "class"])
def test_initializers_of_a_persons_own_follow_the_seed(initializer):
    model = opened(lambda: mlp(initializer))
    tensors = OwnTensors(model, own(where="hidden*/kernel"), (DECLARED,))
    first, second, again = (values_of(tensors, model, DECLARED, seed) for seed in (42, 43, 42))
    for path in ("hidden0/kernel", "hidden1/kernel"):
        assert np.array_equal(first[path], again[path])
        assert not np.array_equal(first[path], second[path])
    assert tensors.notes == ()


def test_an_initializer_that_follows_no_seed_is_told():
    tensors = OwnTensors(opened(lambda: mlp(always_the_same)), own(where="*/kernel"), (DECLARED,))
    assert tensors.notes == ("What draws hidden0/kernel, hidden1/kernel gives the same numbers for every seed.",)


def test_random_states_begin_by_the_seed():
    model = opened(lambda: chain(layers.Dense(8), layers.Dropout(0.5), layers.Dense(2)))
    tensors = OwnTensors(model, own(), (DECLARED, HE))
    states = []
    for contender, seed in ((DECLARED, 42), (HE, 42), (HE, 43)):
        tensors.draw(contender, seed, None)
        states.append(np.array(keras.ops.convert_to_numpy(model.model.layers[1].seed_generator.state)))
    assert np.array_equal(states[0], states[1])
    assert not np.array_equal(states[1], states[2])


def test_a_file_gives_its_architecture_and_says_so(tmp_path):
    model = mlp()
    for variable in model.variables:
        variable.assign(variable + 5)
    model.save(tmp_path / "mine.keras")
    opened_file = open_model(str(tmp_path / "mine.keras"))
    tensors = OwnTensors(opened_file, own(), (DECLARED,))
    drawn = values_of(tensors, opened_file, DECLARED, 42)
    assert abs(drawn["hidden0/kernel"].mean()) < 0.1
    assert not drawn["hidden0/bias"].any()
    assert "aren't used" in tensors.notes[0]


@pytest.mark.parametrize(
    ("build", "settings", "contender", "says"),
    [
        (mlp, {"where": "hidden9/*"}, DECLARED, "there are hidden0/kernel|did you mean"),
        (lambda: chain(layers.Dense(3, name="only")), {}, DECLARED, "such as only/kernel"),
        (lambda: mlp("orthogonal"), {}, DECLARED, "such as hidden0/kernel"),
        (lambda: chain(layers.Flatten()), {}, DECLARED, "no kernel"),
        (mlp, {"where": "*/bias"}, "orthogonal", "orthogonal can't draw hidden0/bias: .* one"),
        (mlp, {}, "zero_residual", "none are to be seen"),
        (mlp, {"where": "*/bias"}, "delta_orthogonal", "has one dimension"),
        (mlp, {}, "output_bias=log_prior", "labels of classes"),
        (lambda: chain(layers.Dense(4), layers.Dense(3, use_bias=False)), {}, "output_bias=log_prior", "labels|bias"),
    ],
)
def test_what_cannot_be_drawn_is_refused(build, settings, contender, says):
    contender = contender if isinstance(contender, Contender) else Contender.parse(contender)
    with pytest.raises(Refusal, match=says):
        OwnTensors(opened(build), own(**settings), (contender,))


def test_frozen_models_and_those_that_know_already_are_refused():
    def frozen():
        model = mlp()
        model.trainable = False
        return model

    def loaded():
        model = mlp()
        model.set_weights([np.ones(weights.shape) for weights in model.get_weights()])
        return model

    def trained():
        model = mlp()
        model.compile("sgd", "mse")
        model.fit(np.ones((4, 16)), np.zeros((4, 3)), verbose=0)
        return model

    with pytest.raises(Refusal, match="no kernel that is trained"):
        OwnTensors(opened(frozen), own(), (DECLARED,))
    for build in (loaded, trained):
        with pytest.raises(Refusal, match="were loaded or trained"):
            OwnTensors(opened(build), own(), (DECLARED,))


def test_what_a_layer_learned_before_training_stays():
    def normalized():
        normalization = layers.Normalization(name="scaled")
        normalization.adapt(np.arange(64.0).reshape(4, 16))
        return chain(normalization, layers.Dense(8), layers.BatchNormalization(name="norm"), layers.Dense(2))

    model = opened(normalized)
    tensors = OwnTensors(model, own(), (DECLARED,))
    before = {tensor.path: tensor.values.copy() for tensor in model.tensors}
    for variable in model.model.variables:
        variable.assign(variable + 1)
    after = values_of(tensors, model, DECLARED, 42)
    assert not {path for path in differing(before, after) if path.startswith(("scaled", "norm"))}
    assert before["scaled/mean"].any()
    assert tensors.notes == ()


def test_code_that_cannot_be_followed_has_its_last_kernel_as_output():
    class Numbers(keras.Model):
        def __init__(self):
            super().__init__()
            self.free = self.add_weight(shape=(16, 8), initializer="he_normal", name="free")
            self.last = layers.Dense(2, name="last")

        def call(self, x):
            return self.last(tf.nn.relu(tf.matmul(x, self.free)))

    def build():
        model = Numbers()
        model(np.zeros((1, 16), "float32"))
        return model

    rows = OwnTensors(opened(build), own(), (DECLARED, HE)).rows
    assert [(row.path.rsplit("/")[-1], row.fans, row.declared) for row in rows] == [("free", (16, 8), "he_normal")]


def test_the_layer_in_a_wrapper_holds_its_weights():
    model = opened(
        lambda: chain(
            layers.SpectralNormalization(layers.Conv2D(4, 3, groups=2)),
            layers.Flatten(),
            layers.Dense(2),
            shape=(6, 6, 4),
        )
    )
    (row,) = OwnTensors(model, own(), (HE,)).rows
    assert row.fans == (18, 18)
