"""A person's own model as the network that is trained, and the data it is trained with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from initterm.experiments.settings import refuse_unless
from initterm.theory.refusal import refuse_unless_utf8
from initterm.theory.settings import Kind, Setting, check, one_of, switch

FansCounted = Literal["summed", "keras"]
FANS: tuple[FansCounted, ...] = get_args(FansCounted)


def _parse_name(text: str) -> str:
    """A path, a function or a pattern as it is typed, blanks around it left out; nothing where it is empty."""
    refuse_unless_utf8(text)
    return text.strip()


def _name(metavar: str) -> Kind:
    return Kind(_parse_name, metavar=metavar)


@dataclass(frozen=True)
class ModelSpec:
    """A person's own model, and with what it is trained; none where ``model`` is empty.

    ``model`` is a .keras or .h5 file, or ``package.module:function``, also with arguments,
    ``my_models:cnn(depth=20)``; ``modules`` are imported first. ``train_data``, ``validation_data`` and ``test_data``
    are files, folders or functions, empty for those of the experiment's ``data``, or for a part of the first.
    ``where`` is a pattern of the paths of tensors that take part, empty for the usual ones. ``own_optimizer`` takes
    optimizer, rate, loss and metrics from the model, where it is compiled.

    Raises:
        Refusal: something is set that needs a model, and there is none.
    """

    model: Annotated[
        str,
        Setting(
            "Model",
            _name("MODEL"),
            "Your own model instead of layers: a .keras or .h5 file, or module:function.",
            told=True,
            often=True,
        ),
    ] = ""
    modules: Annotated[
        str,
        Setting(
            "Import",
            _name("MODULES"),
            "Modules that register your model's own layers, with commas between them.",
            "imports {}".format,
            option="import",
        ),
    ] = ""
    train_data: Annotated[
        str,
        Setting(
            "Train",
            _name("DATA"),
            "What your model is trained with: an .npz file of x and y, a folder of images by classes, or "
            "module:function.",
            "examples {}".format,
        ),
    ] = ""
    validation_data: Annotated[
        str, Setting("Valid.", _name("DATA"), "Examples that validate, instead of a share.", "validation {}".format)
    ] = ""
    test_data: Annotated[
        str, Setting("Test", _name("DATA"), "Examples for the test, instead of a share.", "test {}".format)
    ] = ""
    where: Annotated[
        str,
        Setting(
            "Where",
            _name("PATTERN"),
            "Which of your model's tensors take part, such as 'block*/kernel'.",
            "tensors {}".format,
        ),
    ] = ""
    fans: Annotated[
        FansCounted,
        Setting(
            "Fans",
            one_of("the fans", FANS, ("as one output sums", "as Keras counts")),
            "By which fans initializers draw your model's tensors.",
            lambda fans: "Keras's fans" if fans == "keras" else "fans as one output sums",
        ),
    ] = "summed"
    loss: Annotated[
        str, Setting("Loss", _name("LOSS"), "A loss of Keras by its name, instead of your model's.", "loss {}".format)
    ] = ""
    own_optimizer: Annotated[
        bool,
        Setting(
            "Own",
            switch("as set here", "the model's own"),
            "Optimizer, rate and metrics of your model, where it is compiled.",
            lambda own: "the model's optimizer" if own else "the optimizer set here",
        ),
    ] = False

    def __post_init__(self) -> None:
        check(self)
        others = (self.modules, self.train_data, self.validation_data, self.test_data, self.where, self.loss)
        refuse_unless(self.model or not any((*others, self.own_optimizer)), NEEDS_MODEL)


NEEDS_MODEL = (
    "examples, tensors, a loss and the model's optimizer are for a model of your own; name it with --model, such as "
    "my_models:cnn"
)
