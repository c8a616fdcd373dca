"""What is told of a person's own model: a line of what trains it, a table of its tensors, the rows that it has."""

import msgspec
import pytest

from initterm.experiments.training.events import ModelPrepared
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.tui.training.prepared import how_trained, notes_of, tensor_cells, who_takes_part
from initterm.tui.training.rows import is_wanted, row_of, wanted
from initterm.tui.training.tensor_view import TensorTable, end_of
from initterm.tui.widgets.path_field import PathField
from tests.tui.fakes import own_model_events
from tests.tui.training.test_pictures import text_of

OWN = Experiment(own=ModelSpec("nets:cnn"))
TOLD = own_model_events(OWN, notes=("Nothing to mend\x1b[2J",))
PREPARED = next(event for event in TOLD if isinstance(event, ModelPrepared))


def test_the_end_of_a_long_path_stays():
    assert end_of("a/b/kernel", 10) == "a/b/kernel"
    assert end_of("model/block_1/attention/query/kernel", 16) == "…on/query/kernel"


@pytest.mark.parametrize("width", [40, 60, 78, 118])
def test_a_table_of_tensors_is_as_wide_as_there_is_room(width):
    lines = text_of(TensorTable(PREPARED), width)
    assert len(lines) == len(PREPARED.tensors) + 1
    assert {len(line) for line in lines} == {len(lines[0])}
    assert len(lines[0]) <= width
    assert "3136 → 64" in lines[-1].replace(",", "")


def test_where_it_fits_nothing_of_a_table_is_cut():
    lines = text_of(TensorTable(PREPARED), 118)
    assert "…" not in "".join(lines)
    assert "cnn/block_7/attention/query/kernel" in lines[-2]


def test_what_trains_is_told_with_where_it_comes_from():
    assert how_trained(PREPARED) == (
        "adamw 0.003 (the model's) · mse (inferred) · judged by mean_absolute_error, lower is better"
    )
    alike = msgspec.structs.replace(PREPARED, loss_from="model")
    assert how_trained(alike).startswith("adamw 0.003 and mse (the model's) · ")
    assert who_takes_part(PREPARED) == "9 tensors take part; 12 others are alike for all of a seed."


def test_what_a_model_is_called_can_not_write_on_the_terminal():
    odd = msgspec.structs.replace(PREPARED.tensors[0], path="a\x1b[2Jb", declared="")
    assert tensor_cells(odd)[0] == "a\\x1b[2Jb"
    assert tensor_cells(odd)[3] == "nothing known"
    assert [*notes_of(PREPARED)] == ["Nothing to mend\\x1b[2J."]


def test_rows_are_those_of_a_model_or_of_layers():
    layers, model = ({one.name for one in TRAIN_SETTINGS if is_wanted(one, of.settings)} for of in (Experiment(), OWN))
    assert {"hidden", "residual", "data"} <= layers - {"where", "fans"}
    assert {"where", "fans", "data"} <= model - {"hidden", "residual"}
    assert "model" in layers & model
    assert [one.name for one in wanted(OWN.settings, often=True)] == ["model", "learning_rate", "epochs", "seeds"]
    (row,) = (one for one in TRAIN_SETTINGS if one.name == "train_data")
    assert isinstance(row_of(row, ""), PathField)
