"""A check's page says the same in Markdown, in a terminal and as JSON."""

import io

import pytest
from rich.console import Console

from initterm.experiments.audit.checks import CHECKS
from initterm.report.audit.pages import page_address, page_json, page_markdown, page_parts


def printed(page):
    console = Console(file=io.StringIO(), width=80)
    for part in page_parts(page):
        console.print(part)
    return console.file.getvalue()


@pytest.mark.parametrize("page", CHECKS.values(), ids=lambda page: page.name)
def test_a_page_tells_the_check_whole_wherever_it_stands(page):
    told, markdown = " ".join(printed(page).split()), " ".join(page_markdown(page).split())
    for words in (page.title, page.why, page.finds, page.ignore):
        assert words.replace("`", "") in told
        assert words in markdown
    assert page.mended in page_markdown(page)


def test_code_stands_apart_from_the_words_before_it():
    lines = [line.strip() for line in printed(CHECKS["forget_bias"]).splitlines()]
    code = lines.index("import keras")
    assert lines[code - 1] == ""
    assert lines[code - 2].startswith("What makes it so is unit_forget_bias=False.")


def test_json_has_the_mended_example_and_the_page():
    told = page_json(CHECKS["forget_bias"])
    assert "unit_forget_bias=True" in told["mended"]
    assert told["page"] == page_address(CHECKS["forget_bias"]) is None
