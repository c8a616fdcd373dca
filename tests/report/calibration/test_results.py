"""A calibration as people, programs and a page read it."""

import io
import json

import pytest
from rich.console import Console

from initterm.experiments.calibration.events import CalibrationFinished, CalibrationStarted, PromiseJudged
from initterm.experiments.calibration.promise import CalibrationBoard
from initterm.experiments.calibration.promises import PROMISES
from initterm.experiments.message import Machine
from initterm.report.calibration.results import (
    calibration_json,
    calibration_lines,
    calibration_sentence,
    calibration_table,
)
from initterm.report.files import json_text

ROWS = (PROMISES[0], PROMISES[-1])
EVENTS = (
    CalibrationStarted(2000, 7, "CPU ×2", {"python": "3.11.9", "keras": "3.15"}, Machine(2, "x86_64 X86_V3")),
    PromiseJudged(0, 18, 2000, (0.004, 0.0171), kept=True),
    PromiseJudged(1, 90, 2000, (0.0312, 0.06), kept=False),
    CalibrationFinished(61.0),
)


def board_of(*events):
    board = CalibrationBoard(ROWS)
    for event in events:
        board = board.after(event)
    return board


def text_of(board, width):
    console = Console(width=width, record=True, color_system=None, file=io.StringIO())
    for part in calibration_table(board):
        console.print(part)
    return console.export_text()


@pytest.mark.parametrize("width", [80, 120])
def test_each_promise_stands_beside_what_was_found(width):
    text = " ".join(text_of(board_of(*EVENTS), width).split())
    assert ROWS[0].about in text
    assert "at most 1% 0.9% 0.4 to 1.7% ✓ kept" in text
    assert "at most 1% 4.5% 3.1 to 6.0% ✗ broken" in text
    assert "2,000 simulations of each kind, seed 7, 61 s." in text
    assert "99% confidence" in text


def test_the_sentence_names_what_is_broken():
    board = board_of(*EVENTS)
    assert calibration_sentence(board) == f"1 of 2 promises is broken: {ROWS[1].about.lower()}: {ROWS[1].text}."
    assert calibration_sentence(board_of(EVENTS[0], EVENTS[1])).startswith("All 2 promises are kept")


def test_json_has_every_number():
    told = json.loads(json_text(calibration_json(board_of(*EVENTS))))
    first, second = told["promises"]
    assert (first["count"], first["simulations"], first["found"], first["kept"]) == (18, 2000, 0.009, True)
    assert (second["promised"], second["side"], second["interval"], second["kept"]) == (
        0.01,
        "at most",
        [0.0312, 0.06],
        False,
    )
    assert (told["kept"], told["confidence"], told["seed"]) == (False, 0.99, 7)
    assert told["machine"]["threads"] == 2


def test_a_page_says_when_and_with_what():
    lines = list(calibration_lines(board_of(*EVENTS), "2026-11-30"))
    assert lines[0] == "2026-11-30, CPU ×2, x86_64 X86_V3, 2 threads, python 3.11.9, keras 3.15."
    assert f"| {ROWS[0].text} | at most 1% | 0.9% | 0.4 to 1.7% | ✓ kept |" in lines
    assert lines[-1].startswith("**1 of 2 promises is broken")
    with pytest.raises(ValueError, match="nothing was simulated"):
        list(calibration_lines(board_of(), "2026-11-30"))
