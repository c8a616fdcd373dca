"""A result is printed for people or as JSON, written to a file that was checked before, and told on standard error."""

import json
import sys
from io import BytesIO, TextIOWrapper

import pytest
from rich.text import Text

from initterm.cli import run
from initterm.cli.command import check_writables, print_result, write_file
from initterm.theory.refusal import Refusal


def test_people_get_tables_and_programs_json(capsys):
    print_result(iter([Text("a table"), Text("a sentence")]), {"std": 1}, as_json=False)
    assert capsys.readouterr().out == "a table\na sentence\n"
    print_result(iter([Text("a table")]), {"σ": [1.5, None]}, as_json=True)
    told = capsys.readouterr().out
    assert json.loads(told) == {"σ": [1.5, None]}
    assert "σ" in told


@pytest.mark.parametrize("character", ["σ", "𝜎"])
def test_json_is_whole_where_a_stream_lacks_its_characters(monkeypatch, character):
    content = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(content, encoding="ascii", errors="replace", write_through=True))
    print_result(iter(()), {character: character}, as_json=True)
    assert json.loads(content.getvalue()) == {character: character}


def test_files_are_written_and_said(tmp_path, capsys):
    write_file(tmp_path / "a.csv", b"x,y\n")
    assert (tmp_path / "a.csv").read_bytes() == b"x,y\n"
    assert capsys.readouterr().err == f"initterm: wrote {tmp_path / 'a.csv'}\n"


def test_files_are_refused_before_anything_takes_time(tmp_path):
    check_writables(None, tmp_path / "new.csv")
    with pytest.raises(Refusal, match="can't be written"):
        check_writables(None, tmp_path / "nowhere" / "new.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["weights", "train", "signal", "guide", "papers", "audit"])
def test_every_command_tells_what_it_takes(command, capsys):
    assert run([command, "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"Usage: initterm {command}")
    assert "--json" in told
