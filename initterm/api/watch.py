"""A Keras callback that looks on while a person's own model is trained, and keeps what it sees as a run."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, get_args

from initterm.api.audit import Audit, FailOn, FaultsFound
from initterm.api.fit_watched import FitWatched
from initterm.api.opening import RunBehind
from initterm.api.process import calling_place, refuse_other_backends
from initterm.api.result import ShownResult
from initterm.api.stored import watched_result
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.watch.board import WatchBoard
from initterm.experiments.watch.watched import EVERY, SHARE, Watched
from initterm.report.audit.results import summary
from initterm.report.files import Json
from initterm.report.watch.results import looks_csv, standing
from initterm.store.keeping import Interrupted
from initterm.theory.refusal import Refusal, shown

if TYPE_CHECKING:
    from rich.console import RenderableType

UNNAMED = "model"


class Watch(ShownResult):
    """A callback for ``model.fit``: an audit first, looks at gradients and layers while it trains, a run that is kept.

    Before the first step it audits a model that no step was made with. Then, after epochs 1, 2, 4, 8 ... and every so
    many steps, it looks with a small batch that stays the same: norms of gradients by tensor, the size of the last
    update, dead and saturated units, the signal by layer, the loss against guessing. What it sees goes wrong is named.
    The training is as it would be without, number for number, and never ends by an error of what looks on. Print it, or
    show the run in a shell, also while it goes on: ``initterm runs show last``.

    Args:
        data: what it looks with, as ``fit`` takes it; without it some of what ``fit`` was given. A dataset is asked for
            its first batches once more then; of a generator nothing can be had.
        every: so many steps lie between two looks, at least.
        fail_on: how grave a finding of the audit ends the training before it begins: ``"error"``, ``"warning"``, or
            ``"never"``.
        ignore: checks whose findings are left out, as in ``audit``.
        share: of the training's time, what looking and writing may take at most; what is done before the first step
            comes on top.
        keep: whether a run is kept; as the person has set it where that is None.
        name: what the model is called; its own name where that is empty.

    Raises:
        Refusal: it can't look so.

    >>> import keras, numpy
    >>> layers = keras.layers.Dense(8, "relu", kernel_initializer="he_normal"), keras.layers.Dense(1)
    >>> model = keras.Sequential([keras.Input((4,)), *layers])
    >>> model.compile("adam", "mse")
    >>> x = numpy.random.default_rng(0).normal(size=(64, 4))
    >>> watch = Watch(keep=False)
    >>> history = model.fit(x, x[:, :1], epochs=2, verbose=0, callbacks=[watch])
    >>> watch.board.finished.step, [epoch.epoch for epoch in watch.board.epochs], len(watch.board.steps[0].gradients)
    (4, [1, 2], 2)
    """

    def __init__(
        self,
        data: Any = None,
        *,
        every: int = EVERY,
        fail_on: FailOn = "error",
        ignore: str | Iterable[str] = (),
        share: float = SHARE,
        keep: bool | None = None,
        name: str = "",
    ) -> None:
        if fail_on not in get_args(FailOn):
            raise Refusal(f"fail_on is {shown(str(fail_on))}; {', '.join(get_args(FailOn))} are there.")
        self._watched = Watched(name or UNNAMED, every, share)
        self._data, self._fail_on, self._keep, self._name = data, fail_on, keep, name
        self._ignore = (ignore,) if isinstance(ignore, str) else tuple(ignore)
        self._place = calling_place()
        self._model: Any = None
        self._params: Mapping[str, Any] = {}
        self._fit: FitWatched | None = None
        self._on = False

    @property
    def board(self) -> WatchBoard:
        """All that was seen of the last training, or of the one that goes on."""
        return self._fit.board if self._fit else WatchBoard.of(self._watched)

    @property
    def audit(self) -> Audit:
        """What was found in the model before its first step."""
        told = self._fit.audit_told if self._fit else RunBehind(ModelChoice(self._watched.model))
        return Audit(self.board.audit, told)

    @property
    def run(self) -> str:
        """The id of the run that is kept, by which ``initterm.runs`` finds it; empty where none is."""
        return self._fit.run if self._fit else ""

    def open(self) -> None:
        """Show it in the app, in this terminal, until you leave that; what isn't kept is shown all the same.

        Raises:
            Refusal: this is no terminal, as in a notebook; the sentence says what to type in one. Or nothing was
                watched yet.
        """
        if self._fit is None:
            raise Refusal("Nothing was watched yet; give it to fit: callbacks=[watch].")
        self._fit.told.open()

    def parts(self) -> Iterable[RenderableType]:
        """As ``initterm runs show`` shows it."""
        return watched_result(self.board)[0]

    def _json(self) -> Json:
        """As ``initterm runs show --json`` prints it."""
        return watched_result(self.board)[1]

    def to_csv(self) -> str:
        """A line for each tensor at each look."""
        return looks_csv(self.board)

    @property
    def _words(self) -> str:
        return standing(self.board)

    # What Keras calls

    def __getattr__(self, name: str) -> Any:
        """What Keras calls beside, at tests and predictions: nothing is done."""
        if name.startswith("on_"):
            return _nothing
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def set_params(self, params: Mapping[str, Any] | None) -> None:
        """What the training is: ``epochs``, and ``steps`` of each."""
        self._params = params or {}

    def set_model(self, model: Any) -> None:
        """Which model is trained."""
        self._model = model

    def on_train_begin(self, logs: object = None) -> None:
        """Audit, and look for the first time.

        Raises:
            FaultsFound: the audit found what is as grave as ``fail_on``.
        """
        if self._on:  # an earlier training was broken off
            self._safely(lambda fit: fit.leave(Interrupted()))
        self._on, self._fit = False, None
        try:
            refuse_other_backends()
            self._fit = self._begun()
            self._on = True
        except Exception as error:  # whatever it is, the training goes on
            _warn(error)
        self._safely(lambda fit: fit.start())
        self._safely(lambda fit: fit.audit(self._ignore, self._place))
        if self._on:
            self._raise_for_findings()
        self._safely(lambda fit: fit.look_first(self._data))
        self._safely(lambda fit: fit.go())

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Count."""
        self._safely(lambda fit: fit.begin_epoch(epoch))

    def on_train_batch_begin(self, batch: int, logs: object = None) -> None:
        """Keep the weights, where the step is looked at."""
        self._safely(lambda fit: fit.begin_step(batch))

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Look, where it is time."""
        self._safely(lambda fit: fit.end_step(batch, logs))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Tell what Keras says of the epoch."""
        self._safely(lambda fit: fit.end_epoch(logs))

    def on_train_end(self, logs: object = None) -> None:
        """Tell the end."""
        self._safely(lambda fit: fit.finish())
        self._on = False

    def _begun(self) -> FitWatched:
        from initterm.store.place import keeps_runs

        name = self._name or str(getattr(self._model, "name", "")) or UNNAMED
        watched = Watched(name, self._watched.every, self._watched.share)
        return FitWatched(self._model, watched, self._params, keeps=keeps_runs() if self._keep is None else self._keep)

    def _raise_for_findings(self) -> None:
        assert self._fit is not None
        try:
            self.audit.raise_for(self._fail_on)
        except FaultsFound:
            problem = Refusal(summary(self.board.audit))
            self._safely(lambda fit: fit.leave(problem))
            self._on = False
            raise

    def _safely(self, act: Callable[[FitWatched], None]) -> None:
        """Do something that may fail; then nothing more is looked at, and the training goes on."""
        if not self._on or self._fit is None:
            return
        try:
            act(self._fit)
        except Exception as error:  # whatever it is
            self._on = False
            with contextlib.suppress(Exception):
                self._fit.note("Nothing is looked at any more", error)
                self._fit.leave()
            _warn(error)


def _nothing(*_: object, **__: object) -> None:
    """Nothing."""


_nothing._is_default = True  # type: ignore[attr-defined]  # by which Keras knows that it needn't wait


def _warn(error: Exception) -> None:
    """Say why nothing is looked at."""
    with contextlib.suppress(Warning):
        warnings.warn(f"initterm.Watch looks no more: {error}", stacklevel=3)
