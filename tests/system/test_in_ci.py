"""What CI runs: the action's script audits, tells and ends as the audit does, and asks for options that there are.

GitHub's own part, the runner, the upload and pre-commit, can't be had here.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

import initterm
from initterm.cli import commands

ROOT = Path(initterm.__file__).parents[1]
SCRIPT, ACTION, HOOKS = ROOT / ".ci" / "audit_action", ROOT / "action.yml", ROOT / ".pre-commit-hooks.yaml"

STUB = """#!/usr/bin/env bash
printf '%s\\n' "$@" > "$RUNNER_TEMP/asked"
echo '# found' > "$RUNNER_TEMP/initterm.md"
echo '{}' > "$RUNNER_TEMP/initterm.sarif"
exit "$STATUS"
"""


@pytest.fixture
def audited(tmp_path):
    """What the script asks and tells where the audit ends so."""
    stub = tmp_path / "initterm"
    stub.write_text(STUB)
    stub.chmod(0o755)

    def of(status=0, **given):
        told = {name: str(tmp_path / name.lower()) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
        asked = {"MODEL": "m.py:cnn", "FAIL_ON": "error", "IGNORE": "", "BASELINE": "", "STATUS": str(status)}
        path = f"{tmp_path}:{os.environ['PATH']}"
        environment = {**asked, **told, "RUNNER_TEMP": str(tmp_path), "PATH": path, **given}
        ended = subprocess.run([str(SCRIPT)], env=environment, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (status, "")
        return (tmp_path / "asked").read_text().splitlines(), *(Path(one).read_text() for one in told.values())

    return of


def test_the_summary_and_the_sarif_are_told_whatever_the_audit_finds(audited, tmp_path):
    files = ["--sarif", f"{tmp_path}/initterm.sarif", "--markdown", f"{tmp_path}/initterm.md"]
    assert audited() == (
        ["audit", "m.py:cnn", "--fail-on", "error", *files],
        "# found\n",
        f"sarif={tmp_path}/initterm.sarif\n",
    )
    asked, *_ = audited(1, IGNORE="unsuited:block*/kernel\n\nidentical\n", BASELINE="known faults.json")
    assert asked[-6:] == [
        "--ignore", "unsuited:block*/kernel", "--ignore", "identical", "--baseline", "known faults.json"
    ]  # fmt: skip


def test_it_asks_for_options_that_there_are():
    options = {flag for one in commands.commands["audit"].params for flag in one.opts}
    assert set(re.findall(r"--[a-z-]+", SCRIPT.read_text())) <= options
    assert "entry: initterm audit\n" in HOOKS.read_text()


def test_the_action_gives_its_script_all_that_it_reads():
    action, script = ACTION.read_text(), SCRIPT.read_text()
    given = set(re.findall(r"^        ([A-Z_]+): \$\{\{", action, flags=re.MULTILINE))
    of_github = {"RUNNER_TEMP", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"}
    assert set(re.findall(r"\$\{?([A-Z_]+)", script)) == given | of_github
    asked = set(re.findall(r"inputs\.([a-z-]+)", action))
    assert asked == set(re.findall(r"^  ([a-z-]+):$", action.partition("runs:")[0], flags=re.MULTILINE))
    assert os.access(SCRIPT, os.X_OK)
