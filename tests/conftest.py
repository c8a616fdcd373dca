"""No test touches the person's home, network or environment."""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.engines import Watched

# The same examples on every run where others wait for the result; new ones on every run of a person's.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("new", deadline=None)
settings.load_profile("same" if os.environ.get("CI") else "new")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shuffle", type=int, metavar="SEED", help="run files, and the tests of each, in a random order")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every worker draws the same order. The tests of a file stay together, with what they share."""
    seed = config.getoption("shuffle")
    if seed is None:
        return
    chance, files = random.Random(seed), dict[Path, list[pytest.Item]]()
    for item in items:
        files.setdefault(item.path, []).append(item)
    groups = list(files.values())
    for group in (groups, *groups):
        chance.shuffle(group)
    items[:] = [item for group in groups for item in group]


def pytest_collection_finish() -> None:
    """What all tests share stays to the end: to look through it for garbage takes longer than many a test."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if (seed := config.getoption("shuffle")) is not None:
        terminalreporter.write_line(f"in a random order: --shuffle {seed}")


def _without_person(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "KERAS_HOME"):
        patch.setenv(name, str(home))
    for name in ("http_proxy", "https_proxy"):
        patch.setenv(name, "http://127.0.0.1:9")
    patch.setenv("no_proxy", "127.0.0.1")
    patch.setenv("INITTERM_RUNS", str(home / "runs"))
    for name in ("INITTERM_MNIST", "NO_COLOR"):
        patch.delenv(name, raising=False)


@pytest.fixture(autouse=True, scope="session")
def _shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests share is made with a home of its own, before any test has one."""
    with pytest.MonkeyPatch.context() as patch:
        _without_person(patch, tmp_path_factory.mktemp("shared") / "home")
        yield


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs, caches, data and runs are looked for under tmp_path; the network is a proxy that answers nobody."""
    _without_person(monkeypatch, tmp_path / "home")


@pytest.fixture(scope="session")
def started_engine(_shared_home: None) -> Iterator[Watched]:
    watched = Watched()
    watched.until("ready")
    yield watched
    watched.engine.close()


@pytest.fixture
def shared_engine(started_engine: Watched) -> Watched:
    """The real engine, ready, whatever tests before have asked of it."""
    started_engine.settle()
    return started_engine
