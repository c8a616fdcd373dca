"""A file of weights alone: what is broken in it is found, twins too, and by which law its kernels were drawn."""

import numpy as np
import pytest

from initterm.engine.audit.weight_audit import audit_of_weights, common_law
from initterm.engine.models.weight_files import is_weight_file, opened_weights, role_of
from initterm.engine.proof.order import audit_of
from initterm.experiments.audit import events
from initterm.experiments.audit.choice import ModelChoice
from initterm.theory.refusal import Refusal
from tests.engine.models.test_safetensors import written

RANDOM = np.random.default_rng(3)


def normal(std, *dims):
    return (std * RANDOM.standard_normal(dims)).astype(np.float32)


def torch_linear(out, into):
    return RANDOM.uniform(-(into**-0.5), into**-0.5, (out, into)).astype(np.float32)


def told(path):
    return list(audit_of(ModelChoice(str(path))))


def findings(told):
    return {(one.check, one.layer, one.tensor) for one in told if isinstance(one, events.Finding)}


def test_what_is_drawn_is_told_and_what_is_broken_is_found(tmp_path):
    broken = torch_linear(64, 32)
    broken[3, 4] = np.nan
    tensors = {f"model.layers.{n}.up.weight": torch_linear(64, 32) for n in range(4)} | {
        "model.layers.4.up.weight": broken,
        "model.layers.5.up.weight": np.zeros((64, 32), np.float32),
        "model.embed_tokens.weight": normal(0.02, 100, 32),
        "model.norm.weight": np.ones(32, np.float32),
        "position_ids": np.arange(5),
    }
    tensors["model.layers.6.up.weight"] = tensors["model.layers.0.up.weight"]
    events_told = told(written(tmp_path / "m.safetensors", tensors))
    assert {"not_finite", "all_zero", "identical"} == {check for check, *_ in findings(events_told)}
    assert ("not_finite", "model/layers/4/up", "weight") in findings(events_told)
    signal = next(one for one in events_told if isinstance(one, events.GraphMeasured))
    assert "5 by PyTorch's default" in signal.note
    assert not events_told[-1].trained


def test_zeros_beside_one_kernel_as_pytorch_draws_it_are_no_trained_weights(tmp_path):
    tensors = {"a.weight": normal((2 / (64 + 48)) ** 0.5, 64, 48), "b.weight": np.zeros((64, 64), np.float32)}
    events_told = told(written(tmp_path / "m.safetensors", tensors))
    assert "1 by PyTorch's xavier_normal_" in next(e for e in events_told if isinstance(e, events.GraphMeasured)).note
    assert ("all_zero", "b", "weight") in findings(events_told)


def test_trained_weights_are_judged_by_structure_alone(tmp_path):
    heavy = RANDOM.standard_t(3, (64, 64)).astype(np.float32)
    heavy[0, 0] = 500
    path = written(tmp_path / "m.safetensors", {"a.weight": heavy, "b.weight": normal(0.3, 64, 64) ** 3})
    events_told = told(path)
    assert findings(events_told) == set()
    assert events_told[-1].trained
    assert "No kernel is as" in next(one for one in events_told if isinstance(one, events.GraphMeasured)).note


@pytest.mark.parametrize(
    ("name", "dims", "role"),
    [
        ("encoder.layer.0.attention.query.weight", (8, 8), "kernel"),
        ("transformer.wte.weight", (8, 8), "embedding"),
        ("bn.weight", (8,), "scale"),
        ("bn.running_mean", (8,), "statistic"),
        ("bn.bias", (8,), "bias"),
        ("dense/kernel", (8, 8), "kernel"),
    ],
)
def test_a_tensor_is_known_by_its_name_and_shape(name, dims, role):
    assert role_of(name, dims) == role


def test_kernels_are_read_in_the_order_of_who_wrote_them(tmp_path):
    values = {"conv.weight": normal((2 / (9 * 16)) ** 0.5, 64, 16, 3, 3)}
    (tensor,) = opened_weights(str(written(tmp_path / "a.safetensors", values))).tensors
    assert (tensor.sums.fan_in, tensor.sums.fan_out) == (144, 576)
    assert common_law(tensor) == "PyTorch's kaiming_normal_"
    values = {"conv/kernel": np.moveaxis(values["conv.weight"], (0, 1), (3, 2)).copy()}
    path = written(tmp_path / "b.safetensors", values, metadata={"format": "tf"})
    (tensor,) = opened_weights(str(path)).tensors
    assert (tensor.sums.fan_in, tensor.sums.fan_out) == (144, 576)
    assert next(audit_of_weights(opened_weights(str(path)))).parameters == 144 * 64


def test_a_file_of_weights_can_be_neither_proved_nor_sent_through(tmp_path):
    path = written(tmp_path / "m.safetensors", {"a.weight": normal(1, 8, 8)})
    assert is_weight_file(str(path))
    with pytest.raises(Refusal, match="tells no model"):
        list(audit_of(ModelChoice(str(path), proves=True)))
