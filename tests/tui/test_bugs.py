"""A bug is said once, logged some times, and can be copied; what can't be shown of it is left out."""

import pytest

from initterm.tui.bugs import LONGEST_TEXT, MOST_LOGGED, Bugs, ended_by, words_of


class Wordless(Exception):
    def __str__(self):
        raise ValueError


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_kind_is_said_once_and_where_it_was():
    bugs = Bugs()

    def add(text):
        return bugs.add(raised(ValueError(text)))

    assert add("no luck") == f"ValueError: no luck (test_bugs.py, line {raised.__code__.co_firstlineno + 2})."
    assert add("again") == ""
    assert bugs.add(raised(KeyError("x"))) != ""


def test_it_is_logged_so_often_and_then_only_counted():
    bugs = Bugs()
    for _ in range(MOST_LOGGED + 5):
        bugs.add(raised(ValueError("no luck")))
    assert bugs.log.read_text().count("Traceback") == MOST_LOGGED == len(bugs.errors)


def test_the_report_has_the_last_one_with_its_traceback():
    bugs = Bugs()
    assert bugs.report == ""
    bugs.add(raised(ValueError("first")))
    bugs.add(raised(KeyError("last")))
    assert "KeyError: 'last'" in bugs.report
    assert "first" not in bugs.report
    assert f"Its log: {bugs.log}" in bugs.report


def test_where_no_log_can_be_written_there_is_a_report_all_the_same(monkeypatch):
    def fails(_):
        raise OSError

    monkeypatch.setattr("initterm.pipe.native_output.new_log", fails)
    bugs = Bugs()
    bugs.add(raised(ValueError("no luck")))
    assert bugs.log is None
    assert "no luck" in bugs.report


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("a\nb\x1b[1m"), "ValueError: a b [1m"),
        (ValueError(), "ValueError"),
        (Wordless(), "Wordless"),
        (ValueError("x: ."), "ValueError: x"),
    ],
)
def test_words_are_one_line_without_controls(error, words):
    assert words_of(error) == words
    assert ended_by(error) == f"A bug of initterm ended it: {words}."


def test_long_words_are_cut():
    assert len(words_of(ValueError("x" * 10_000))) == LONGEST_TEXT
