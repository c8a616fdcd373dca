"""Commands run as a person runs them, and within this process, where TensorFlow is loaded already."""

import subprocess
import sys

import pytest

from initterm.cli import run
from initterm.pipe import audit_run, native_output

PATIENCE = 600.0
"""Seconds until a command counts as hanging: on a busy machine one that trains takes some minutes."""


@pytest.fixture
def process():
    """Runs a command in a process of its own."""

    def run_it(*arguments):
        command = [sys.executable, "-m", "initterm", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)

    return run_it


@pytest.fixture
def here(capsys, monkeypatch):
    """Runs a command in this process, an audit too, and gives what a process of its own would have given."""
    monkeypatch.setattr(native_output, "divert_native_output", lambda log: None)

    def audit_here(choice, bounds):
        from initterm.engine.proof.order import audit_of

        return audit_of(choice)

    monkeypatch.setattr(audit_run, "AuditRun", audit_here)

    def run_it(*arguments):
        capsys.readouterr()
        status = run(arguments)
        return subprocess.CompletedProcess(arguments, status, *capsys.readouterr())

    return run_it
