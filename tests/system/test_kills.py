"""Runs that are killed and resumed, or that go on beside others, come to what an uninterrupted one comes to alone."""

import subprocess
import sys

import pytest

MOMENTS = 10


@pytest.mark.slow
def test_no_epoch_is_lost_or_told_twice_whenever_a_run_is_killed():
    words = [sys.executable, "-m", "benchmarks.kills", str(MOMENTS)]
    told = subprocess.run(words, capture_output=True, text=True, timeout=900, check=False)
    assert told.returncode == 0, told.stdout + told.stderr[-2000:]
    assert f"{MOMENTS} of {MOMENTS} runs" in told.stdout


@pytest.mark.slow
def test_two_apps_and_three_commands_share_a_folder_and_one_of_two_resumes_a_run(tmp_path):
    words = [sys.executable, "-m", "tests.together", str(tmp_path)]
    told = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert told.returncode == 0, told.stdout + told.stderr[-2000:]
