"""The race: a run on the whole screen, its contenders in lanes that change places while epochs come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from textwrap import wrap

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.renderables.digits import Digits
from textual.strip import Strip

from initterm.experiments.comparison import Comparison
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.report.comparison import FEWEST_FOR_INTERVAL, by_lead, leader, pair_of, ranked
from initterm.report.judged import behind_words, metric_words
from initterm.report.palette import colour_of, mark_of
from initterm.report.stops import stop_words
from initterm.theory.numbers import NONE, percent
from initterm.tui.training.race_range import racers, rounded_range, whole_range
from initterm.tui.training.result_axis import ResultAxis, Span
from initterm.tui.widgets.inks import Inks
from initterm.tui.widgets.table_view import Cell, Column, cell, table_row

HEAD, MOST_WORDS = 3, 4
"""Lines over the lanes, and the most that the words under them take."""

BIG, MOST_STRIDE = 3, 6
"""Lines of a lane with big numbers, and from one lane to the next where there is room for more."""

PLACE_WIDTH, NAME_WIDTH, SMALL_NAME_WIDTH, ACCURACY_WIDTH, SMALL_ACCURACY_WIDTH = 6, 20, 24, 14, 6
LEVEL = ("+0.0", "−0.0", "0")
LEVEL_RANGE = (0.0, 0.0)
FULL, EMPTY = "━", "─"


@dataclass(frozen=True)
class Lane:
    """A contender, its mean of what judges, and how far behind the leader it is; None where nothing is known.

    That is in points of accuracy, or in the metric's own unit, and below 0 whichever way is better.

    It has ``diverged`` where all its trials did that are over. ``stopped`` says after which epoch it went no further,
    empty where it goes on.
    """

    contender: Contender
    mean: float | None
    behind: Span | None
    diverged: bool = False
    stopped: str = ""


@dataclass(frozen=True, eq=False)
class Race:
    """A run so far, and what may be concluded from it in words."""

    board: Scoreboard
    words: str

    @cached_property
    def lanes(self) -> list[Lane]:
        """The leader's first."""
        contenders, comparison = self.board.experiment.contenders, self._comparison
        first = leader(comparison)
        lanes = [
            Lane(
                one,
                mean.mean,
                None if first is None or mean.mean is None or stopped else self._behind(index, first),
                diverged=mean.diverged > 0 and not mean.seeds,
                stopped=stop_words(stopped) if stopped else "",
            )
            for index, (one, mean) in enumerate(zip(contenders, comparison.means, strict=True))
            for stopped in [comparison.stop_of(index)]
        ]
        return [lanes[index] for index in ranked(comparison)]

    @property
    def _comparison(self) -> Comparison:
        compared = self.board.compared
        return compared.comparison if compared else Comparison.of_nothing(len(self.board.experiment.contenders))

    @cached_property
    def axis_range(self) -> tuple[float, float]:
        """How far behind the lanes show: of those that race, with their intervals."""
        spans = [lane.behind for lane in self.lanes if lane.behind and lane.mean is not None]
        means = [lane.mean for lane in self.lanes if lane.behind and lane.mean is not None]
        ends = [np.array([0.0, span.low, span.high]) for span in spans]
        racing = whole_range(ends[: racers(means)])
        if racing == LEVEL_RANGE:  # who is ahead is level, which says nothing of how far apart the others are
            racing = whole_range(ends)
        bound = self.scale * self.board.metric.bound
        return (-1.0, 1.0) if racing in (None, LEVEL_RANGE) else rounded_range(racing, (-bound, bound)) or (-1.0, 1.0)

    @property
    def scale(self) -> int:
        """What a difference is told in: 100 of accuracies, which are told in points."""
        return 100 if self.board.metric.is_accuracy else 1

    def _behind(self, index: int, first: int) -> Span:
        """The difference to the leader and its interval."""
        if index == first:
            return Span(0.0, 0.0, 0.0)
        pair = by_lead(pair_of(self._comparison, index, first), self.board.metric)
        difference = self.scale * (pair.difference or 0.0)
        if pair.interval is None or pair.seeds < FEWEST_FOR_INTERVAL:
            return Span(difference, difference, difference)
        low, high = (self.scale * end for end in pair.interval)
        return Span(difference, low, high, interval=True)

    @property
    def axis_title(self) -> str:
        """What stands over the lanes."""
        metric = self.board.metric
        return "points behind" if metric.is_accuracy else f"behind, in {metric.short}"

    def words_behind(self, lane: Lane) -> str:
        """How far behind a lane's contender is."""
        if lane.stopped:
            return lane.stopped
        if lane.behind is None:
            return "diverged" if lane.diverged else NONE
        behind = behind_words(lane.behind.mean / self.scale, self.board.metric)
        unit = "points" if self.board.metric.is_accuracy else self.board.metric.short
        return "level" if behind in LEVEL else f"{behind} {unit}"


@dataclass(frozen=True, eq=False)
class RacePicture:
    """A race in so many cells."""

    race: Race
    size: Size
    inks: Inks

    @cached_property
    def words(self) -> list[str]:
        """What is concluded, in lines."""
        return wrap(self.race.words, max(2, self.size.width), max_lines=MOST_WORDS, placeholder=" …")

    @cached_property
    def stride(self) -> int:
        """Lines from one lane to the next."""
        room = self.size.height - HEAD - len(self.words) - 1
        return max(1, min(MOST_STRIDE, room // max(1, len(self.race.lanes))))

    def lines(self, tops: dict[Contender, int]) -> list[Strip]:
        """All lines, each lane where it stands now, counted from the first lane's place; leaders hide others."""
        room = max(0, self.size.height - HEAD - len(self.words))
        used = min(room, self.stride * len(self.race.lanes))
        grid = self._row(cell(""), cell(""), self._axis.line(None, Style(), self.inks), cell(""))
        rows = [*[grid] * used, *[Strip([])] * (room - used)]
        for place, lane in reversed(list(enumerate(self.race.lanes, start=1))):
            for offset, row in enumerate(self._lane(place, lane)):
                if 0 <= (at := tops.get(lane.contender, 0) + offset) < room:
                    rows[at] = row
        settled = self.race.board.compared is not None and self.race.board.compared.settled
        words = [Strip([Segment(line, Style(bold=settled))]) for line in self.words]
        return [*self._head(), *rows, *words]

    def _head(self) -> list[Strip]:
        board = self.race.board
        doing = board.compared.measure if board.compared else board.doing
        share = board.share_done
        width = max(0, self.size.width - len(doing) - 8)
        full = round(share * width)
        bar = [Segment(f" {FULL * full}", Style(bold=True)), Segment(EMPTY * (width - full), self.inks.grid)]
        ticks = self._row(cell(""), cell(self.race.axis_title, self.inks.muted), self._axis.head(self.inks), cell(""))
        return [Strip([Segment(doing, Style(bold=True)), *bar, Segment(f" {percent(share):>4}")]), Strip([]), ticks]

    @property
    def _big(self) -> bool:
        return self.stride >= BIG

    @cached_property
    def _columns(self) -> list[Column]:
        place, name = (PLACE_WIDTH, NAME_WIDTH) if self._big else (2, SMALL_NAME_WIDTH)
        accuracy = ACCURACY_WIDTH if self._big else SMALL_ACCURACY_WIDTH
        track = max(8, self.size.width - place - name - accuracy - 6)
        nothing = cell("")
        return [
            Column(nothing, place),
            Column(nothing, name, left=True),
            Column(nothing, track),
            Column(nothing, accuracy),
        ]

    @cached_property
    def _axis(self) -> ResultAxis:
        return ResultAxis(self.race.axis_range, self._columns[2].width)

    def _row(self, *cells: Cell) -> Strip:
        return table_row(self._columns, cells)

    def _lane(self, place: int, lane: Lane) -> Sequence[Strip]:
        colour = Style(color=colour_of(lane.contender.look))
        name = (
            Segment(f"{mark_of(lane.contender.look)} ", colour),
            Segment(str(lane.contender), colour + Style(bold=True)),
        )
        track = self._axis.line(lane.behind, colour + Style(bold=place == 1), self.inks)
        accuracy = metric_words(lane.mean, self.race.board.metric, 3)
        if not self._big:
            return [self._row(cell(f"{place}", self.inks.muted), name, track, cell(accuracy, Style(bold=place == 1)))]
        grid = self._axis.line(None, Style(), self.inks)
        far = "leads" if place == 1 and lane.behind else self.race.words_behind(lane)
        return [
            self._row(cell(number, colour), beside, on_track, cell(digits, Style(bold=place == 1)))
            for number, beside, on_track, digits in zip(
                big(str(place)),
                (cell(""), name, cell(f"  {far}", self.inks.muted)),
                (grid, track, grid),
                big(accuracy),
                strict=True,
            )
        ]


@lru_cache(maxsize=256)
def big(text: str) -> tuple[str, str, str]:
    """A number in three lines."""
    drawn = Digits(text, "bold").render(Style(bold=True))
    lines = [part.text for part in drawn if isinstance(part, Segment) and part.text != "\n"]
    return lines[0], lines[1], lines[2]
