"""A box with an engine without TensorFlow, to which a program in ssh's place leads."""

import os
import queue
import signal
import sys
from contextlib import contextmanager

from initterm.pipe.another_host import Box
from initterm.pipe.box.engine import EngineOnBox
from initterm.store.runs import Runs

PATIENCE = 120
SSH = """#!/bin/sh
echo "$@" >> {told}
while [ "$1" != -- ]; do shift; done
[ -f {gone} ] && echo "ssh: connect to host box: No route to host" >&2 && exit 255
[ -f {denied} ] && echo "me@box: Permission denied (publickey)." >&2 && exit 255
[ -f {mad} ] && exec {python} {mad}
shift 2
echo $$ > {pid}
cd {home} && echo "Welcome to the box!" && HOME={home} INITTERM_RUNS={home}/runs PYTHONPATH={path} exec sh -c "$*"
"""
"""Stands for ssh: a shell in a home of its own, whose files greet."""

LIGHT = """from initterm.pipe.box import relay
from tests.pipe.box import light
relay.Engine = light.engine
"""


class LightBox:
    """The box: ``home`` is its home, ``engines`` are the app's engines on it."""

    def __init__(self, folder):
        self.folder, self.home = folder, folder / "box"
        self.engines = []
        self.runs = Runs(self.home / "runs")

    def file(self, name):
        return self.folder / name

    def cut(self):
        """End ssh, as when the line is lost."""
        os.kill(int(self.file("pid").read_text()), signal.SIGKILL)

    def engine(self, on_state):
        """An engine of the app on it, whose line stands."""
        engine = EngineOnBox(on_state, Box.parse("me@box", sys.executable))
        self.engines.append(engine)
        engine.open()
        return engine


class Reached:
    """An engine on the box, and the states that it has told."""

    def __init__(self, box):
        self.states = queue.Queue()
        self.engine = box.engine(self.states.put)
        self.engine.start()

    def until(self, *kinds):
        while (state := self.states.get(timeout=PATIENCE)).kind not in kinds:
            pass
        return state


@contextmanager
def light_box(folder, patch):
    """A box in this folder, to which ssh leads."""
    light = LightBox(folder)
    script, custom = folder / "bin" / "ssh", folder / "custom"
    for made in (light.home, script.parent, custom):
        made.mkdir()
    (custom / "sitecustomize.py").write_text(LIGHT)
    path = os.pathsep.join((str(custom), *filter(None, sys.path)))
    names = {name: light.file(name) for name in ("told", "gone", "denied", "pid", "mad")}
    script.write_text(SSH.format(home=light.home, path=path, python=sys.executable, **names))
    script.chmod(0o755)
    patch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    try:
        yield light
    finally:
        light.file("gone").unlink(missing_ok=True)
        (light.home / "go").touch()
        for engine in light.engines:
            engine.stop_runs()
            engine.close()
