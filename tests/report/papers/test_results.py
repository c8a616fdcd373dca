"""A replication as people and as programs read it."""

import json
import math

from rich.console import Console

from initterm.experiments.message import Machine
from initterm.experiments.papers.catalogue import PAPERS, paper_named
from initterm.experiments.papers.events import (
    ClaimJudged,
    Panel,
    PanelDrawn,
    PaperFinished,
    PaperStarted,
    Series,
    Standing,
)
from initterm.experiments.papers.paper import PaperBoard
from initterm.report.files import json_text
from initterm.report.papers.results import (
    list_tables,
    paper_tables,
    papers_json,
    papers_png,
    sparkline,
    verdict_sentence,
)
from initterm.theory.initializers import InitializerSpec

LINE = Series("he_normal", (1.0, 2.0, 3.0), (1.0, None, 0.01), initializer=InitializerSpec("he_normal"))
EVENTS = (
    PaperStarted(
        "he2015", "digits (not MNIST)", "Not MNIST.", "CPU ×2", {"keras": "3.15"}, Machine(2, "x86_64 X86_V3")
    ),
    PanelDrawn(0, Panel("Signal", "layer", "std", (LINE, Series("theory", (1.0,), (0.0,), theory=True)), log_y=True)),
    PanelDrawn(1, Panel("Nothing yet", "epoch", "loss", (Series("he_normal", (), ()),), log_y=True)),
    ClaimJudged("half", Standing("theory", "paper", "equation 9"), "0.5 ± 0.1", 0.52, True),
    ClaimJudged("all of it", Standing("measurement", "ours", "chance is 0.1"), "at least 0.9", None, False),
    PaperFinished("he2015", 3.5),
)


def board_of(*events):
    board = PaperBoard(paper_named("he2015"))
    for event in events:
        board = board.after(event)
    return board


def text_of(parts):
    console = Console(width=200)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    return captured.get()


def test_json_has_each_claim_with_what_was_measured():
    (paper,) = json.loads(json_text(papers_json([board_of(*EVENTS)])))["papers"]
    assert paper["claims"] == [
        {
            "claim": "half",
            "kind": "theory",
            "whose": "paper",
            "basis": "equation 9",
            "expected": "0.5 ± 0.1",
            "measured": 0.52,
            "holds": True,
        },
        {
            "claim": "all of it",
            "kind": "measurement",
            "whose": "ours",
            "basis": "chance is 0.1",
            "expected": "at least 0.9",
            "measured": None,
            "holds": False,
        },
    ]
    assert (paper["holds"], paper["seconds"], paper["year"]) == (False, 3.5, 2015)
    assert (paper["device"], paper["versions"]) == ("CPU ×2", {"keras": "3.15"})
    assert paper["machine"] == {"threads": 2, "instructions": "x86_64 X86_V3"}
    assert paper["panels"][0]["series"][0]["y"] == [1.0, None, 0.01]


def test_people_get_lines_verdicts_and_what_failed():
    text = text_of(paper_tables(board_of(*EVENTS)))
    assert "█ ▁" in text
    assert "1 → 0.01" in text
    assert "✓ holds" in text
    assert "theory, theirs" in text
    assert "equation 9" in text
    assert "1 of 2 claims failed: all of it: no value, expected at least 0.9." in text
    whole = board_of(*EVENTS[:-2], EVENTS[-1])
    assert verdict_sentence(whole) == "he2015: its claim holds."


def test_the_list_names_every_paper_and_what_to_write():
    text = text_of(list_tables(PAPERS))
    assert all(paper.title in text for paper in PAPERS)
    assert "initterm papers all" in text


def test_a_figure_has_room_for_papers_with_fewer_panels():
    assert papers_png([board_of(*EVENTS), board_of(*EVENTS[:2])]).startswith(b"\x89PNG")


def test_a_sparkline_is_even_steps_of_its_scale():
    assert sparkline((0.0, 1.0, 2.0), (0.0, 7.0)) == "▁▂▃"
    assert sparkline((1.0, 10.0, 0.0, None), (1.0, 10.0), log=True) == "▁█  "
    assert sparkline((3.0,), (3.0, 3.0)) == "█"
    assert len(sparkline([math.pi] * 1000, (0.0, 4.0))) == 30
