"""The app's engine over a real sshd: with keys of its own, on a free port, in a home of its own."""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from initterm.experiments.training.events import EpochFinished
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.weights.events import Draw, Drawn
from initterm.pipe.another_host import Box
from initterm.pipe.box.engine import EngineOnBox
from initterm.pipe.run import Run
from initterm.pipe.state import LineLost
from initterm.store.following import FollowedRun
from initterm.store.runs import Runs
from initterm.theory.initializers import InitializerSpec
from initterm.theory.shapes import Shape
from tests.pipe.box import boxes
from tests.pipe.box.boxes import Reached

SSHD, SSH = shutil.which("sshd", path="/usr/sbin:/usr/bin:/usr/local/sbin"), shutil.which("ssh")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SSHD is None or SSH is None, reason="there is no sshd on this machine, or no ssh"),
]

SERVER = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/key.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
SetEnv HOME={home} INITTERM_RUNS={home}/runs PYTHONPATH={path} TF_CPP_MIN_LOG_LEVEL=3
"""
CLIENT = """#!/bin/sh
exec {ssh} -F none -p {port} -i {folder}/key -o IdentitiesOnly=yes -o IdentityAgent=none \
-o StrictHostKeyChecking=no -o UserKnownHostsFile={folder}/known -o LogLevel=ERROR "$@"
"""
LONG = Experiment(epochs=5000, data="digits")
DRAW = Draw(InitializerSpec("he_normal"), Shape((64, 32)), 42)


class Sshd:
    """A server that can be killed and begun again; the box's home is ``home``."""

    def __init__(self, folder):
        self.folder, self.home = folder, folder / "there"
        self.engines = []
        self.runs = Runs(self.home / "runs")
        self.home.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for name in ("host", "key"):
            command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
            subprocess.run(command, check=True)
        places = {"folder": folder, "home": self.home, "port": self.port, "ssh": SSH}
        path = os.pathsep.join(filter(None, sys.path))
        (folder / "sshd_config").write_text(SERVER.format(path=path, **places))
        (folder / "bin").mkdir()
        (folder / "bin" / "ssh").write_text(CLIENT.format(**places))
        (folder / "bin" / "ssh").chmod(0o755)
        self.begin()

    def begin(self):
        """Serve, in the foreground of a process of its own."""
        command = (SSHD, "-D", "-f", str(self.folder / "sshd_config"), "-E", str(self.folder / "log"))
        self.process = subprocess.Popen(command)
        end = time.monotonic() + boxes.PATIENCE
        while not self._answers():
            if self.process.poll() is not None:
                pytest.skip(f"sshd can't serve here: {(self.folder / 'log').read_text()}")
            assert time.monotonic() < end
            time.sleep(0.05)

    def _answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def kill(self):
        """End it with all its sessions, and not what they have begun."""
        served = [one for one in psutil.Process(self.process.pid).children(recursive=True) if "sshd" in one.name()]
        for one in (psutil.Process(self.process.pid), *served):
            one.send_signal(signal.SIGKILL)
        self.process.wait()

    def engine(self, on_state):
        """An engine of the app's there."""
        engine = EngineOnBox(on_state, Box.parse(f"{getpass.getuser()}@127.0.0.1", sys.executable))
        self.engines.append(engine)
        engine.open()
        return engine


@pytest.fixture
def sshd(tmp_path, monkeypatch):
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where root's gives up what it may
    monkeypatch.setattr(boxes, "PATIENCE", 600)
    server = Sshd(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    yield server
    for engine in server.engines:
        engine.stop_runs()
        engine.close()
    server.kill()


def test_a_kernel_is_drawn_and_a_training_followed_that_outlives_its_line(sshd):
    reached = Reached(sshd)
    ready = reached.until("ready")
    assert ready.where.endswith("@127.0.0.1")
    assert isinstance([*Run(reached.engine, DRAW)][-1], Drawn)
    events = iter(reached.engine.train(LONG, keeps=True))
    assert next(event for event in events if isinstance(event, EpochFinished)).epoch == 1
    (kept,) = reached.engine.kept_runs
    sshd.kill()
    with pytest.raises(LineLost):
        list(events)
    assert "reconnecting" in reached.until("restarting").text
    assert sshd.runs.find(kept).state == "running"
    sshd.begin()
    assert reached.until("ready")
    found = reached.engine.side.runs.find(kept)
    assert found.state == "running"
    followed, epochs = FollowedRun(found), 0
    for event in followed:
        epochs += isinstance(event, EpochFinished)
        if epochs == 20:
            followed.cancel()
    assert followed.cancelled
    assert sshd.runs.find(kept).state == "cancelled"


def test_a_training_is_cancelled_over_the_line(sshd):
    reached = Reached(sshd)
    reached.until("ready")
    run = reached.engine.train(replace(LONG, seed=7), keeps=True)
    for event in run:
        if isinstance(event, EpochFinished):
            run.cancel()
    end = time.monotonic() + boxes.PATIENCE
    while sshd.runs.find(run.kept).state == "running":
        assert time.monotonic() < end
        time.sleep(0.1)
    assert sshd.runs.find(run.kept).state == "cancelled"
