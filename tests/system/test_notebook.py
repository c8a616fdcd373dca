"""The notebook that shows what Python has: it runs as it stands, and shows what it has stored."""

import nbformat
import pytest

from docs.notebook import TOUR, executed

pytestmark = pytest.mark.slow


def kinds(notebook):
    """What each cell shows, as what."""
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [[sorted(output.get("data", {})) for output in cell.outputs] for cell in code]


@pytest.mark.filterwarnings("default")
def test_it_runs_and_shows_what_it_has_stored(tmp_path, monkeypatch):
    monkeypatch.setenv("INITTERM_RUNS", str(tmp_path / "runs"))
    stored = nbformat.read(TOUR, as_version=4)
    assert kinds(executed(TOUR)) == kinds(stored)
    assert all(kinds(stored)[1:])
