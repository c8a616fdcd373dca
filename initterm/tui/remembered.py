"""What is kept from start to start, of the app and of each pane: one file in the user's configuration directory.

What reads it is imported where there is something to read: the first picture of the first start waits for nothing.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from initterm.report import places

if TYPE_CHECKING:
    import msgspec

KeptValue = TypeVar("KeptValue")

DEFAULTS = "the defaults are shown"


def memory_path() -> Path:
    """The file."""
    return places.settings_file()


class Memory:
    """What was kept at the last start, by the name of its owner, and what is to be kept from this one.

    Of several apps that write at once each keeps what it has changed; what both have is the last one's, whole.

    Args:
        fresh: forget all that was kept.
        welcomes: whether a person is to be welcomed where nothing was kept yet.
    """

    def __init__(self, *, fresh: bool = False, welcomes: bool = False) -> None:
        self._changed: dict[str, Any] = {}
        self._lock = threading.Lock()
        if fresh:
            with contextlib.suppress(OSError):
                memory_path().unlink()
        self.welcomes = welcomes and not memory_path().exists()
        self._kept, self.problem = _read()

    def value(self, name: str, kind: type[KeptValue]) -> KeptValue | None:
        """What was kept under a name; None where nothing was, or nothing of this kind, which ``problem`` then says."""
        if name not in self._kept:
            return None
        import msgspec

        try:
            return msgspec.json.decode(self._kept[name], type=kind)
        except (msgspec.MsgspecError, RecursionError) as error:
            self.problem = self.problem or f"{memory_path()}: '{name}' is of no use ({error}); {DEFAULTS}."
            return None

    def keep(self, name: str, value: Any) -> None:
        """Have a value written the next time."""
        self._changed[name] = value

    def write(self) -> None:
        """Write what is to be kept; where that can't be done, it isn't kept."""
        import msgspec

        with self._lock:
            changes, self._changed = self._changed, {}
            changed = {}
            for name, value in changes.items():
                with contextlib.suppress(UnicodeEncodeError):  # half a character, which no file can hold
                    changed[name] = msgspec.Raw(msgspec.json.encode(value))
            if not changed:
                return
            path = memory_path()
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, msgspec.json.format(msgspec.json.encode(_read()[0] | changed)))


def _read() -> tuple[dict[str, msgspec.Raw], str]:
    """What the file holds by name, and what is wrong with it."""
    path = memory_path()
    if path.exists() and not path.is_file():  # a pipe would be waited for
        return {}, f"{path} is not a file; {DEFAULTS}."
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"{path} can't be read ({error.strerror}); {DEFAULTS}."
    import msgspec

    try:
        return msgspec.json.decode(content, type=dict[str, msgspec.Raw]), ""
    except (msgspec.MsgspecError, RecursionError) as error:
        return {}, f"{path} holds no settings of this version ({error}); {DEFAULTS}."


def _replace(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".new", delete=False) as fresh:
        try:
            fresh.write(content)
            fresh.flush()
            Path(fresh.name).replace(path)
        except OSError:
            Path(fresh.name).unlink()
            raise
