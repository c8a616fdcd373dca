"""Entries under headings: the cursor passes over these."""

from rich.text import Text
from textual.app import App

from initterm.tui.widgets.section_list import SectionList

SECTIONS = [
    (Text("Words"), [("he", Text("he_normal")), ("lecun", Text("lecun_normal"))]),
    (Text("Nothing"), []),
    (Text("Numbers"), [(42, Text("42"))]),
]


class Shown(App[None]):
    def compose(self):
        yield SectionList(id="list")


async def test_the_cursor_goes_from_entry_to_entry():
    app = Shown()
    async with app.run_test() as pilot:
        entries = app.query_one(SectionList)
        assert entries.chosen is None
        entries.show_sections(SECTIONS)
        assert [str(option.prompt) for option in entries.options] == [
            *("Words", "he_normal", "lecun_normal", "Numbers", "42"),
        ]
        chosen = [entries.chosen]
        for _ in range(3):
            await pilot.press("down")
            chosen.append(entries.chosen)
        assert chosen == ["he", "lecun", 42, "he"]
        entries.go_to(lambda entry: entry == 42)
        assert entries.chosen == 42
        entries.go_to(lambda entry: entry == 9)
        assert entries.chosen == 42
        entries.show_sections([])
        assert entries.chosen is None
