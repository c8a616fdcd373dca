"""Tensors of one draw, initterm.engine.audit.one_draw: a finding for each instance, whose mend keeps its law."""

import pytest

from initterm.engine.audit.auditing import audited
from initterm.engine.runtime import keras
from tests.engine.audit.planted import chain, dense, head, layers

INITIALIZERS = keras.initializers


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)


def identical(model):
    return [one for one in audited(model).findings if one.check == "identical"]


def normalized(*dense_layers):
    return chain(*(part for one in dense_layers for part in (one, layers.LayerNormalization())), head())


def of_instance(initializer, *widths):
    return normalized(*(dense(width, initializer, None, name=f"d{place}") for place, width in enumerate(widths)))


def test_one_instance_in_many_layers_is_one_finding_that_keeps_its_parameters():
    (finding,) = identical(of_instance(INITIALIZERS.RandomNormal(stddev=0.02), 64, 32, 32, 64))
    assert finding.paths == ("d1/kernel", "d2/kernel", "d3/kernel")
    assert "the same draw as those of d0/kernel" in finding.what
    assert finding.fix == "kernel_initializer=keras.initializers.RandomNormal(stddev=0.02)"
    assert finding.initializer == "random_normal(stddev=0.02)"


def test_two_instances_are_one_finding_that_mends_each_by_its_own_law():
    one, two = (INITIALIZERS.RandomNormal(stddev=std) for std in (0.02, 0.05))
    parts = [dense(64, each, None, name=f"{name}{n}") for n in range(2) for name, each in (("a", one), ("b", two))]
    (finding,) = identical(normalized(*parts))
    assert {path: finding.initializer_of(path) for path in finding.paths} == {
        "a1/kernel": "random_normal(stddev=0.02)",
        "b1/kernel": "random_normal",
    }


@pytest.mark.parametrize(("widths", "severity"), [((64, 64), "error"), ((48, 40, 32), "warning")])
def test_equal_kernels_are_an_error_also_among_others(widths, severity):
    (finding,) = identical(of_instance(INITIALIZERS.GlorotUniform(), *widths))
    assert finding.severity == severity
    (among,) = identical(of_instance(INITIALIZERS.GlorotUniform(), 32, *[64] * 3))
    assert among.severity == "error"


def test_orthogonal_kernels_of_several_shapes_are_one_draw_though_nothing_shows_it():
    (finding,) = identical(of_instance(INITIALIZERS.Orthogonal(), 48, 32, 24))
    assert (finding.severity, finding.paths) == ("warning", ("d1/kernel", "d2/kernel"))
    assert identical(normalized(*(dense(width, "orthogonal", None) for width in (48, 32, 24)))) == []


def test_what_is_not_trained_may_be_a_copy():
    model = of_instance(INITIALIZERS.GlorotUniform(), 64, 64)
    model.get_layer("d1").trainable = False
    assert identical(model) == []


class Heads(layers.Layer):
    """A layer that draws two tensors by one instance, and takes no argument for the second."""

    def __init__(self, kernel_initializer="glorot_uniform", **more):
        super().__init__(**more)
        self.kernel_initializer = INITIALIZERS.get(kernel_initializer)

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 16), initializer=self.kernel_initializer, name="kernel")
        self.extra = self.add_weight(shape=(32, 1), initializer=self.kernel_initializer, name="kernel_extra")

    def call(self, x):
        return x @ self.kernel


def test_where_the_layer_has_no_such_argument_its_class_is_told_what_to_draw_by():
    found = audited(chain(Heads(name="here"), head()))
    (finding,) = (one for one in found.findings if one.check == "identical")
    assert finding.path == "here/kernel_extra"
    assert finding.fix == 'in Heads: add_weight(name="kernel_extra", initializer="glorot_uniform")'
