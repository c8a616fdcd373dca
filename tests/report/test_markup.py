"""What Rich draws, as a notebook reads it."""

from rich.padding import Padding
from rich.text import Text

from initterm.report.markup import html_of, markdown_of, text_of
from initterm.report.tables import plain_table


def table():
    made = plain_table("tensor", "std", title="Two | tensors")
    made.add_row("a*/kernel", Text("0.5", style="red"))
    made.add_row("<b>", "1")
    return made


PARTS = (Text.assemble(("✗ error", "bold red"), " zeros & <i>"), Padding(Text("mended"), (0, 0, 0, 4)), table())


def test_html_has_tables_and_styles_and_obeys_nothing():
    html = html_of(PARTS)
    assert '<td style="text-align: left">a*/kernel</td>' in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "zeros &amp; &lt;i&gt;" in html
    assert "margin-left: 4ch" in html
    assert "font-weight: bold" in html
    assert html.count("<tr>") == 3


def test_markdown_has_tables_and_bold_and_obeys_nothing():
    markdown = markdown_of(PARTS)
    assert "**✗ error** zeros & \\<i\\>" in markdown
    assert "> mended" in markdown
    assert "| tensor | std |\n| --- | --: |\n| a\\*/kernel | 0.5 |" in markdown
    assert "Two \\| tensors" in markdown


def test_plain_text_has_neither_colours_nor_spaces_at_the_end():
    text = text_of(PARTS, 40)
    assert "\x1b" not in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert "    mended" in text.splitlines()
