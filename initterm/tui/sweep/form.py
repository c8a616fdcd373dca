"""What a sweep is asked for with: initializers, axes, and the settings that no axis is of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from initterm.experiments.sweep.axis import Axis
from initterm.experiments.sweep.axis_kinds import ALIASES, OF_ALL_TRIALS, PLACEHOLDER, WHY_NOT
from initterm.experiments.sweep.axis_kinds import SETTINGS as AXIS_SETTINGS
from initterm.experiments.sweep.contenders import one_form, placeholders_in
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import WORKPLACE_SETTINGS, Workplace
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Kind, Setting
from initterm.tui.messages import StateChanged
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine, Form, Rows, in_rows
from initterm.tui.widgets.select import field_of

BETWEEN = re.compile(r"[\s,]+(?![^(]*\))")
"""What parts initializers: blanks and commas that aren't in brackets."""

AXES = 3
"""Rows for axes."""

NOT_HERE = {*OF_ALL_TRIALS, "looked"}
"""Settings of Train that no sweep has."""

DEFAULT_AXES = ("hidden=64*3,64*5,64*9", "activation=relu,tanh", "")
DEFAULT_CONTENDERS = tuple(map(str, Experiment.contenders))


def parse_contenders(text: str) -> tuple[str, ...]:
    """Read initializers with blanks or commas between them; numbers may stand open.

    Raises:
        Refusal: one is none, or there is none.
    """
    names = tuple(one_form(name) for name in BETWEEN.split(text.strip()) if name)
    if not names:
        raise Refusal("Type at least one initializer, such as he_normal or variance_scaling(scale={s}).")
    return names


def parse_axis(text: str) -> str:
    """Read an axis, or nothing; whether the initializers have its placeholder is known by the whole form alone.

    Raises:
        Refusal: it is none.
    """
    name = text.partition("=")[0].strip()
    is_open = PLACEHOLDER.fullmatch(name) and not {name} & {*AXIS_SETTINGS, *ALIASES, *WHY_NOT}
    return str(Axis.parse(text, (name,) if is_open else ())) if text.strip() else ""


CONTENDERS = Setting(
    "Compare",
    Kind(parse_contenders, " ".join, metavar="INIT"),
    "Initializers, blanks between them; a number that stands open, variance_scaling(scale={s}), may be an axis.",
    name="contenders",
    default=DEFAULT_CONTENDERS,
)
OVER = tuple(
    Setting(
        "Over",
        Kind(parse_axis, metavar="AXIS"),
        "A setting with its values, such as hidden=64*5,64*10 or learning_rate=0.0003:0.01:4log.",
        name=f"over_{number}",
        default=DEFAULT_AXES[number],
    )
    for number in range(AXES)
)
WORKERS, *OF_CLUSTERS = WORKPLACE_SETTINGS
PLACE = frozenset(setting.name for setting in WORKPLACE_SETTINGS)
SETTINGS = tuple(setting for setting in TRAIN_SETTINGS if setting.name not in NOT_HERE)
OFTEN = tuple(setting for setting in SETTINGS if setting.often)
ROWS = (CONTENDERS, *OVER, *OFTEN, WORKERS, *(setting for setting in SETTINGS if not setting.often), *OF_CLUSTERS)
NOT_LOOKED_AT: dict[str, Any] = {"looked": (), "more": ()}
"""Of a sweep that nobody has judged yet, nor given more seeds; no row shows it."""

DEFAULTS: dict[str, Any] = {
    one.name: one.default for one in (CONTENDERS, *OVER, *TRAIN_SETTINGS, *WORKPLACE_SETTINGS)
} | NOT_LOOKED_AT


@dataclass(frozen=True)
class SweepAsked:
    """What the form asks for; making the sweep of it may take a while, as cells of long axes are made."""

    values: Mapping[str, Any]

    @property
    def sweep(self) -> Sweep:
        """The sweep.

        Raises:
            Refusal: it can't be run.
        """
        contenders = self.values["contenders"]
        placeholders = placeholders_in(contenders)
        axes = [Axis.parse(text, placeholders) for over in OVER if (text := self.values[over.name])]
        settings = {setting.name: self.values[setting.name] for setting in TRAIN_SETTINGS}
        return Sweep.of(contenders, settings, axes, self.values["more"])

    @property
    def workplace(self) -> Workplace:
        """Where it is done.

        Raises:
            Refusal: rows don't go together.
        """
        return Workplace(**{name: self.values[name] for name in PLACE})


def values_of_sweep(sweep: Sweep) -> dict[str, Any]:
    """What the rows show of a sweep.

    Raises:
        Refusal: it has more axes than there are rows.
    """
    if len(sweep.axes) > AXES:
        raise Refusal(f"The form has rows for {AXES} axes, and this sweep has {len(sweep.axes)}.")
    texts = [*map(str, sweep.axes), *("" for _ in range(AXES - len(sweep.axes)))]
    axes = {over.name: text for over, text in zip(OVER, texts, strict=True)}
    names = {axis.name for axis in sweep.axes}
    settings = {name: value for name, value in sweep.experiment.settings.items() if name not in names}
    return {"contenders": sweep.contenders, **axes, **settings, "more": sweep.more}


class SweepForm(Vertical, Form):
    """Rows for initializers, axes, settings and workers; a row that an axis is of goes away."""

    class Changed(StateChanged):
        """Something else is asked for."""

    def __init__(self, values: Mapping[str, Any] = DEFAULTS) -> None:
        super().__init__(classes="controls")
        self._values = {**DEFAULTS, **values}

    def compose(self) -> ComposeResult:
        yield Rows([field_of(one, self._values[one.name], id=f"sweep-{one.dashed}") for one in ROWS], id="sweep-rows")
        yield FieldLine()

    def on_mount(self) -> None:
        self._arrange()

    @property
    def refusal(self) -> str:
        """Why the rows of workers and clusters don't go together."""
        try:
            SweepAsked(self._values).workplace  # noqa: B018 (it is made to be checked)
        except Refusal as refusal:
            return in_rows(str(refusal), WORKPLACE_SETTINGS)
        return ""

    @property
    def asked(self) -> SweepAsked:
        """What is asked for.

        Raises:
            Refusal: a row makes no sense.
        """
        if self.problem:
            raise Refusal(self.problem)
        return SweepAsked(dict(self._values))

    def load(self, sweep: Sweep, threads: int = 0) -> None:
        """Show a sweep, and how many threads a trial of it has, where that is known.

        Raises:
            Refusal: it has more axes than there are rows.
        """
        values = values_of_sweep(sweep) | ({"threads": threads} if threads else {})
        shown = {name: value for name, value in values.items() if name in self._values}
        self._values |= shown
        for field in self.fields:
            if field.setting.name in shown:
                field.show(shown[field.setting.name])
        self._arrange()

    def _arrange(self) -> None:
        """Show the rows that say something: not those of axes."""
        axes = {self._values[over.name].partition("=")[0] for over in OVER}
        for field in self.fields:
            field.display = field.setting.name not in axes

    @on(Field.Entered)
    def _entered(self, event: Field.Entered) -> None:
        event.stop()
        name = event.field.setting.name
        if event.value != self._values[name]:
            self._values |= {name: event.value, **({} if name in PLACE else NOT_LOOKED_AT)}
        self._arrange()
        self.post_message(self.Changed())


def kept_values(sweep: Sweep | None) -> Mapping[str, Any]:
    """What the form begins with, where a sweep was kept, or none."""
    try:
        return values_of_sweep(sweep) if sweep else DEFAULTS
    except Refusal:
        return DEFAULTS
