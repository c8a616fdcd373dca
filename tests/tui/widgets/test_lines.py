"""Widgets of a line or a list by themselves, in an app that has nothing else."""

import pytest
from textual.app import App
from textual.containers import Vertical
from textual.widgets import Input, Static

from initterm.pipe.state import EngineState
from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec
from initterm.tui.modal import Modal
from initterm.tui.widgets.initializer_list import InitializerList
from initterm.tui.widgets.sentence import Sentence
from initterm.tui.widgets.title_line import SHOWN, TitleLine

HE = InitializerSpec("he_normal")
RESTARTING = EngineState("restarting", "restarting TensorFlow")


def holding(widget, columns=80):
    class Holding(App):
        def compose(self):
            yield widget

    return Holding().run_test(size=(columns, 24))


def marked_tab(pilot):
    panes = pilot.app.query_one("#panes", Static).render()
    (shown,) = [panes.plain[span.start : span.end] for span in panes.spans if span.style == SHOWN]
    return shown


def status(pilot):
    return str(pilot.app.query_one("#status", Static).render())


@pytest.mark.parametrize(
    ("state", "activity", "says"),
    [
        (RESTARTING, "", "restarting TensorFlow"),
        (RESTARTING, "training", "restarting TensorFlow"),
        (EngineState("ready", "ready · CPU"), "", "ready · CPU"),
        (EngineState("ready", "ready · CPU"), "training", "training · CPU"),
        (EngineState("silent", "no answer"), "training", "no answer"),
        (EngineState("ready", "ready · CPU", where="~/envs/gpu"), "training", "training · CPU · gpu"),
        (EngineState("ready", "ready", where="/code/nets/.venv"), "", "ready · nets/.venv"),
        (EngineState("ready", "ready", where="/usr/bin/python3.12"), "", "ready · python3.12"),
        (EngineState("loading", "loading", where="/" + "\x1b" * 99), "", r"loading · \x1b\x1b\x1b\x1b\x1b\x1…"),
    ],
)
async def test_the_title_tells_what_the_engine_does(state, activity, says):
    line = TitleLine()
    async with holding(line, 120) as pilot:
        line.engine_state, line.activity = state, activity
        await pilot.pause()
        assert status(pilot) == says
        line.data = "digits"
        await pilot.pause()
        assert status(pilot) == f"{says} · digits"
        assert pilot.app.query_one("#status").has_class(f"-{state.kind}")


@pytest.mark.parametrize(
    ("state", "activity", "runs", "says"),
    [
        (EngineState("ready", "ready · CPU ×2"), "", ("", ""), "ready"),
        (EngineState("ready", "ready · CPU ×2"), "training", ("", ""), "training"),
        (EngineState("ready", "ready · CPU ×2"), "", ("1 run under way · R", "1 run · R"), "1 run · R"),
        (RESTARTING, "", ("", ""), "restarting"),
        (EngineState("silent", "no answer for 5 s"), "", ("", ""), "no answer for 5 s"),
    ],
)
async def test_the_title_says_less_where_it_has_no_room(state, activity, runs, says):
    line = TitleLine()
    async with holding(line) as pilot:
        line.engine_state, line.activity, line.runs, line.data = state, activity, runs, "digits 1,437"
        await pilot.pause()
        assert status(pilot) == says


async def test_the_shown_panes_tab_is_marked():
    line = TitleLine()
    async with holding(line) as pilot:
        assert marked_tab(pilot) == " 1 Explore "
        line.pane = "guide"
        await pilot.pause()
        assert marked_tab(pilot) == " 4 Guide "


async def test_a_sentence_of_as_many_lines_lays_nothing_out_anew(monkeypatch):
    sentence, laid_out = Sentence("one"), []
    async with holding(sentence) as pilot:
        refresh = sentence.refresh
        monkeypatch.setattr(
            sentence, "refresh", lambda *regions, **how: laid_out.append(how.get("layout")) or refresh(*regions, **how)
        )
        sentence.update("two")
        assert True not in laid_out
        assert str(sentence.render()) == "two"
        sentence.update("two\nand three")
        assert True in laid_out
        await pilot.pause()
        assert sentence.size.height == 2
        laid_out.clear()
        sentence.keeps_height = True
        sentence.update("one")
        assert True not in laid_out
        sentence.update("one\ntwo\nthree")
        assert True in laid_out


async def test_a_sentence_that_grew_while_what_holds_it_was_hidden_has_its_lines_once_that_is_shown():
    sentence, around = Sentence("one"), Vertical()
    around.styles.height = "auto"
    async with holding(around) as pilot:
        await around.mount(sentence)
        await pilot.pause()
        around.display = False
        await pilot.pause()
        sentence.update("one\ntwo\nthree")
        around.display = True
        await pilot.pause()
        assert (sentence.size.height, around.size.height) == (3, 3)


async def test_the_list_has_the_catalogue_and_is_filtered_by_typing():
    rows = InitializerList(id="rows", most_marked=2)
    async with holding(rows) as pilot:
        await pilot.pause()
        assert rows._options.option_count == len(CATALOGUE)
        rows.focus_filter()
        await pilot.press(*"uniform")
        await pilot.pause()
        names = [option.initializer.name for option in rows._options.options]
        assert names
        assert all("uniform" in name for name in names)


async def test_what_is_selected_is_added_beside_its_kin_and_the_filter_emptied():
    rows, own = InitializerList(id="rows", most_marked=2), InitializerSpec.parse("constant(value=0.3)")
    async with holding(rows) as pilot:
        rows.focus_filter()
        await pilot.press(*"he")
        rows.select(own)
        await pilot.pause()
        assert rows.highlighted == own
        assert rows.query_one(Input).value == ""
        specs = [option.initializer for option in rows._options.options]
        assert specs[specs.index(own) - 1].name == "constant"
        rows.edit(own, InitializerSpec.parse("constant(value=0.4)"))
        await pilot.pause()
        assert own not in rows._rows


async def test_marks_are_in_the_lists_order():
    rows = InitializerList(id="rows", most_marked=2)
    async with holding(rows) as pilot:
        await pilot.pause()
        rows.select(HE)
        rows.focus_options()
        await pilot.pause()
        await pilot.press("space")
        await pilot.pause()
        assert rows.marked == (HE,)
        await pilot.press("space")
        assert rows.marked == ()


async def test_a_screen_that_is_dismissed_twice_goes_once():
    told = []
    async with App().run_test() as pilot:
        under, over = Modal(), Modal()
        await pilot.app.push_screen(under, told.append)
        await pilot.app.push_screen(over, told.append)
        under.dismiss("under")
        assert told == []
        over.dismiss("over")
        over.dismiss("again")
        await pilot.pause()
        await pilot.pause()
        assert told == ["over", "under"]
        assert len(pilot.app.screen_stack) == 1
