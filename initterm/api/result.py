"""What the functions give: boards and records, drawn in a terminal and in a notebook, told as JSON and as tables."""

from __future__ import annotations

import io
import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from initterm.report.files import Json, json_text
from initterm.report.markup import html_of, markdown_of, text_of
from initterm.report.runs.listing import Harmless
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from pandas import DataFrame


class ShownResult(ABC):
    """Something to look at and to take along.

    ``print(result)`` shows it as the command of its name does, ``rich.print`` in colours, a notebook with its figures;
    ``to_dict`` and ``to_json`` are what that command prints with ``--json``; ``to_csv`` and ``to_pandas`` are a table.
    """

    @abstractmethod
    def parts(self) -> Iterable[RenderableType]:
        """What is shown of it, one below the other."""

    @abstractmethod
    def _json(self) -> Json:
        """What the command tells as JSON."""

    @property
    @abstractmethod
    def _words(self) -> str:
        """What it is, in a few words."""

    def to_dict(self) -> Json:
        """All that it holds, in dicts, lists, texts and numbers; None where a number isn't finite."""
        told: Json = json.loads(self.to_json())
        return told

    def to_json(self) -> str:
        """The same as one JSON object, indented."""
        return json_text(self._json())

    @abstractmethod
    def to_csv(self) -> str:
        """A table of what there are several of, with a head; empty where a number isn't finite or isn't known."""

    def to_pandas(self) -> DataFrame:
        """The same table as pandas has it.

        Raises:
            Refusal: pandas isn't installed.
        """
        try:
            import pandas
        except ImportError:
            raise Refusal("pandas isn't installed here; pip install pandas, or take to_csv().") from None
        return pandas.read_csv(io.StringIO(self.to_csv()), keep_default_na=False, na_values=[""])

    def __rich__(self) -> Group:
        return Group(*map(Harmless, self.parts()))

    def __str__(self) -> str:
        return text_of(map(Harmless, self.parts()), shutil.get_terminal_size().columns)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._words}>"

    def _repr_html_(self) -> str:
        return html_of(self.parts())

    def _repr_markdown_(self) -> str:
        return markdown_of(self.parts())
