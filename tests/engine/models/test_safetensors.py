"""Files of safetensors are read as they were written, and what is damaged in them is a sentence."""

import json

import ml_dtypes
import numpy as np
import pytest

from initterm.engine.models.safetensors import StoredTensors
from initterm.theory.refusal import Refusal

NAMES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "bool": "BOOL"}


def written(path, tensors, edit=lambda header: header, metadata=None):
    """A file of the format, by its description."""
    header, content = {"__metadata__": metadata or {"format": "pt"}}, b""
    for name, values in tensors.items():
        begin, content = len(content), content + values.tobytes()
        header[name] = {"dtype": NAMES[str(values.dtype)], "shape": values.shape, "data_offsets": [begin, len(content)]}
    told = json.dumps(edit(header)).encode()
    path.write_bytes(len(told).to_bytes(8, "little") + told + content)
    return path


@pytest.fixture
def tensors():
    drawn = np.random.default_rng(1).standard_normal((3, 4)).astype(np.float32)
    return {
        "a.weight": drawn,
        "a.bias": drawn[0].astype(np.float16),
        "b": drawn.astype(ml_dtypes.bfloat16),
        "steps": np.array(3),
        "mask": drawn > 0,
    }


def test_all_tensors_are_read_as_they_were_written(tmp_path, tensors):
    stored = StoredTensors.of(written(tmp_path / "m.safetensors", tensors))
    read = dict(stored)
    assert list(read) == list(tensors)
    for name, values in tensors.items():
        np.testing.assert_array_equal(read[name], values)
        assert read[name].dtype == values.dtype
    assert (stored.count, stored.metadata) == (12 + 4 + 12 + 1 + 12, {"format": "pt"})


def test_a_type_that_isnt_known_is_left_out(tmp_path, tensors):
    def edit(header):
        return {**header, "b": header["b"] | {"dtype": "F8_E4M3"}}

    stored = StoredTensors.of(written(tmp_path / "m.safetensors", tensors, edit))
    assert stored.left_out == ("b",)
    assert "b" not in dict(stored)


def other(**changes):
    return lambda header: {**header, "a.weight": header["a.weight"] | changes}


@pytest.mark.parametrize(
    "edit",
    [
        other(shape=[4, 4]),
        other(shape=[-1, 4]),
        other(shape=[2**40, 2**40]),
        other(data_offsets=[0, 10**9]),
        other(data_offsets=[48, 0]),
        other(data_offsets=[0]),
        other(shape=None),
        lambda header: [],
        lambda header: {**header, "__metadata__": 3},
    ],
)
def test_a_header_that_is_wrong_is_a_sentence(tmp_path, tensors, edit):
    with pytest.raises(Refusal, match="is damaged"):
        StoredTensors.of(written(tmp_path / "m.safetensors", tensors, edit))


@pytest.mark.parametrize("length", [0, 3, 8, 20, 10**6])
def test_a_file_that_is_cut_off_is_a_sentence(tmp_path, tensors, length):
    path = written(tmp_path / "m.safetensors", {"big": np.zeros(10**6, np.float32)})
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(Refusal, match="is damaged"):
        StoredTensors.of(path)


def test_what_is_no_such_file_is_a_sentence(tmp_path):
    path = tmp_path / "m.safetensors"
    with pytest.raises(Refusal, match="can't be read"):
        StoredTensors.of(path)
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(Refusal, match="can't be read"):
        StoredTensors.of(path)
