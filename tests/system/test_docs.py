"""What README and the pages tell people to type works, what they name is there, and their tables are the code's."""

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from docs import calibration, manual
from docs.checks import FOLDER, check_pages
from docs.made import PAGES, PART, PARTS, made
from initterm.cli import commands
from initterm.cli.spec import commands_of
from initterm.engine.calibration.calibrating import judged
from initterm.experiments.calibration.promises import PROMISES
from initterm.experiments.papers.catalogue import PAPERS
from initterm.experiments.training.experiment import Experiment
from initterm.report.calibration.results import cells, promised, verdict
from tests.kept_runs import keep

ROOT = Path(__file__).parents[2]
MINUTES = 24 * 60
"""Of a day."""

PART_OF_CALIBRATION = calibration.PART.search(calibration.PAGE.read_text(encoding="utf-8"))[0].partition("\n\n")[2]
"""What the last `make calibration` wrote."""
README = ROOT / "README.md"
TEXTS = {page: page.read_text(encoding="utf-8") for page in (*PAGES, ROOT / "CONTRIBUTING.md")}
TEXT = "".join(TEXTS.values())


OF_THE_APP = "initterm runs open"
"""Opens the app, for which tests/system/test_opening.py has a terminal."""


def commands_in(text):
    """The commands in its blocks for a shell, but for those with an ID that stands for any, and those of the app."""
    blocks = "".join(re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL))
    found = re.findall(rf"^initterm (?:{'|'.join(commands.commands)})\b.*$", blocks, flags=re.MULTILINE)
    return [one for one in found if " ID" not in one and not one.startswith(OF_THE_APP)]


OF_README = commands_in(TEXTS[README])
OF_PAGES = [one for one in dict.fromkeys(commands_in(TEXT)) if one not in OF_README]
QUICK = {
    min((one for one in OF_PAGES if one.startswith(f"initterm {name} ")), key=len)
    for name in ("weights", "signal", "guide")
}
"""The shortest of each that needs no training; the slow tests run them all."""
SHORTER = dict.fromkeys(("train", "sweep"), ("--epochs", "1", "--seeds", "2"))
"""What is said at last counts: whether a command works shows in an epoch of two trials."""


def run_from_root(run, command, monkeypatch):
    monkeypatch.chdir(ROOT)
    name, *arguments = shlex.split(command, comments=True)[1:]
    result = run(name, *arguments, *SHORTER.get(name, ()))
    assert result.returncode == 0, result.stderr
    assert result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", OF_README)
def test_commands_of_the_readme_run(here, command, monkeypatch):
    run_from_root(here, command, monkeypatch)


@pytest.mark.parametrize(
    "command", [pytest.param(one, marks=[pytest.mark.slow] * (one not in QUICK)) for one in OF_PAGES]
)
def test_commands_of_the_pages_run(here, command, monkeypatch):
    if command.startswith("initterm runs"):
        for day in (1, 2):
            keep(Experiment(), day * MINUTES)
    run_from_root(here, command, monkeypatch)


def test_make_targets_of_the_pages_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", TEXT)) <= targets


def slugs(text):
    """The anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.stem)
def test_links_and_pictures_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)]+)\)|(?:src|srcset)=\"([^\"]+)\"", TEXTS[page])
    for target in ("".join(pair) for pair in targets):
        if not target.startswith("https:"):
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            assert there.exists(), target
            assert not anchor or anchor in slugs(TEXTS[there]), target


def test_every_page_is_told_of_in_the_readme():
    linked = {(ROOT / target).resolve() for target in re.findall(r"\]\(([^)#]+)\)", TEXTS[README])}
    assert set(PAGES) - {README} <= linked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tables_of_keys_and_options_are_the_code_s(page):
    assert made(TEXTS[page]) == TEXTS[page], "make docs writes them"


def test_pages_of_checks_are_the_code_s():
    told = {page: page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md")}
    assert told == check_pages(), "make docs writes them"


def test_the_manuals_page_is_the_code_s():
    assert manual.PAGE.read_text(encoding="utf-8") == manual.page(), "make docs writes it"


def test_the_manuals_page_tells_of_every_command_and_option_in_ascii():
    told = manual.PAGE.read_text(encoding="utf-8")
    assert told.isascii()
    for words, command in commands_of(commands):
        assert f"\\fBinitterm {' '.join(words)}\\fR" in told or not words
        for option in command.params:
            assert not isinstance(option, click.Option) or manual.roff(option.opts[-1]) in told


def test_the_manuals_page_is_installed():
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    place = str(manual.PAGE.relative_to(ROOT))
    assert built["wheel"]["shared-data"] == {place: "share/man/man1/initterm.1"}
    assert place in built["sdist"]["include"]


@pytest.mark.skipif(not shutil.which("groff"), reason="there is no groff")
def test_the_manuals_page_can_be_set():
    page = ["groff", "-ww", "-man", "-Tutf8", str(manual.PAGE)]
    ended = subprocess.run(page, capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    assert "σ_w" in ended.stdout


def test_every_table_stands_somewhere():
    assert {name for page in PAGES for _, name, _ in PART.findall(TEXTS[page])} == set(PARTS)


def test_the_page_of_calibration_has_the_promises_of_the_code():
    """Text, limit and interval of each: those that the command would print for what it counted."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \| ([\d.]+)% \| (.+?) \| (.+?) \|$", PART_OF_CALIBRATION, flags=re.MULTILINE)
    assert [row[:2] for row in rows] == [(one.text, promised(one)) for one in PROMISES]
    experiments = int(re.search(r"([\d,]+) simulations of each kind", PART_OF_CALIBRATION)[1].replace(",", ""))
    for place, (promise, row) in enumerate(zip(PROMISES, rows, strict=True)):
        found = judged(place, promise, round(float(row[2]) / 100 * experiments), experiments, len(PROMISES))
        assert (*cells(promise, found), verdict(found)) == (row[1], f"{row[2]}%", *row[3:])


def test_the_page_of_calibration_says_when_and_where_it_was_made():
    heads = re.findall(r"^\| (.+?) \| promised", PART_OF_CALIBRATION, flags=re.MULTILINE)
    assert heads == list(dict.fromkeys(one.about for one in PROMISES))
    assert re.match(r"\d{4}-\d\d-\d\d, .+ threads?, python 3\.\d+.*, tensorflow .+, numpy .+\.\n", PART_OF_CALIBRATION)


def test_every_paper_stands_in_its_table():
    told = re.findall(r"^\| `(\w+)` \|", TEXTS[ROOT / "docs" / "papers.md"], flags=re.MULTILINE)
    assert told == [paper.name for paper in PAPERS]
