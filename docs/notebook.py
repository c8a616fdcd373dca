"""The notebook of ``examples/``, executed as it stands: a tour of what Python has."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

TOUR = Path(__file__).parent.parent / "examples" / "tour.ipynb"
SECONDS = 300
"""That a cell may take."""


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook with what its cells give, run one after another by a kernel of its own; without TensorFlow's log.

    Raises:
        CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3").execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr" and _is_shown(one)]
    return notebook


def _is_shown(output: nbformat.NotebookNode) -> bool:
    """Whether there is something to see in it; a bar of progress is empty at its end."""
    return output.output_type != "display_data" or bool("".join(output.data.get("text/html", "-")))


if __name__ == "__main__":
    nbformat.write(executed(TOUR), TOUR)
