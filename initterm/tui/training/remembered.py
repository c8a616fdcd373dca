"""The settings of the last experiment, kept between starts."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import msgspec
import platformdirs

from initterm.experiments.training.experiment import Experiment
from initterm.theory.refusal import Refusal


def settings_path() -> Path:
    """The file in the user's configuration directory."""
    return Path(platformdirs.user_config_dir("initterm")) / "train.json"


def remembered() -> Experiment:
    """The experiment that was remembered; the notebook's comparison where none was.

    Raises:
        Refusal: what stands there is no experiment.
    """
    path = settings_path()
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise Refusal(f"{path} is no file; the defaults are shown.")
    try:
        return msgspec.json.decode(path.read_bytes(), type=Experiment)
    except FileNotFoundError:
        return Experiment()
    except OSError as error:
        raise Refusal(f"{path} can't be read ({error.strerror}); the defaults are shown.") from None
    except msgspec.MsgspecError as error:
        raise Refusal(f"{path} holds no settings of this version ({error}); the defaults are shown.") from None


def remember(experiment: Experiment) -> None:
    """Keep an experiment for the next start; where that can't be written, it isn't kept.

    Of several apps that write at once the last one's stands, whole.
    """
    path = settings_path()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, msgspec.json.format(msgspec.json.encode(experiment)))


def _replace(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".new", delete=False) as fresh:
        try:
            fresh.write(content)
            fresh.flush()
            Path(fresh.name).replace(path)
        except OSError:
            Path(fresh.name).unlink()
            raise
