"""Whatever becomes of a command's streams: a line at most, never a traceback, and a status that says what happened."""

import json
import subprocess
import sys

import pytest

GUIDE = f"{sys.executable} -m initterm guide"
KEYS = f"{sys.executable} -m initterm --help"
PAPERS = f"{sys.executable} -m initterm papers --list"
AUDIT_HELP = f"{sys.executable} -m initterm audit --help"
WEIGHTS = f"{sys.executable} -m initterm weights zeros --shape 4x4"
UNUSABLE, UNREAD = 2, 141

CASES = (
    ("a full disk", f"{GUIDE} > /dev/full", UNUSABLE, "No space left"),
    ("help onto a full disk", f"{KEYS} > /dev/full", UNUSABLE, "No space left"),
    ("help of a command onto a full disk", f"{AUDIT_HELP} > /dev/full", UNUSABLE, "No space left"),
    ("a full disk, and errors as well", f"{GUIDE} > /dev/full 2>&1", UNUSABLE, ""),
    ("no output", f"{GUIDE} >&-", UNUSABLE, "Standard output is closed"),
    ("no output, and no errors", f"{GUIDE} >&- 2>&-", UNUSABLE, ""),
    ("no errors", f"{GUIDE} 2>&- | grep -c he_normal > /dev/null", 0, ""),
    ("no errors where there is one", f"{GUIDE} nonsense 2>&-", UNUSABLE, ""),
    ("errors onto a full disk", f"{GUIDE} nonsense 2> /dev/full", UNUSABLE, ""),
    ("no input", f"{GUIDE} <&- > /dev/null", 0, ""),
    ("no stream at all", f"{GUIDE} <&- >&- 2>&-", UNUSABLE, ""),
    ("a reader that leaves", f"({GUIDE}; echo $? >&3) 3>&2 | true", 0, str(UNREAD)),
    ("a reader of one line", f"{GUIDE} | head -1 > /dev/null", 0, ""),
    ("a reader of help", f"({AUDIT_HELP}; echo $? >&3) 3>&2 | true", 0, str(UNREAD)),
    ("a table onto a full disk", f"{GUIDE} --json > /dev/full", UNUSABLE, "No space left"),
    ("a full disk for a file", f"{WEIGHTS} --csv /dev/full > /dev/null", UNUSABLE, "has room"),
    ("an ASCII terminal", f"PYTHONIOENCODING=ascii {GUIDE} > /dev/null", 0, ""),
    ("a strict Latin-1 terminal", f"PYTHONIOENCODING=latin-1:strict {GUIDE} > /dev/null", 0, ""),
    ("the C locale", f"LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 {GUIDE} > /dev/null", 0, ""),
    ("an unknown word in ASCII", f"PYTHONIOENCODING=ascii:strict {GUIDE} 漢字", UNUSABLE, "initterm: "),
)


QUICK = (
    "a full disk",
    "no output",
    "errors onto a full disk",
    "a reader that leaves",
    "an ASCII terminal",
)


@pytest.mark.parametrize(
    ("line", "status", "says"),
    [pytest.param(*case, id=name, marks=[pytest.mark.slow] * (name not in QUICK)) for name, *case in CASES],
)
def test_a_command_ends_as_commands_do_whatever_its_streams_are(line, status, says):
    ended = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60)
    said = ended.stderr.decode(errors="replace")
    assert "Traceback" not in said + ended.stdout.decode(errors="replace")
    assert ended.returncode == status, said
    assert says in said
    assert len(said.splitlines()) == bool(says), said


@pytest.mark.slow
def test_json_on_an_ascii_terminal_says_the_same():
    told = [
        subprocess.run(["bash", "-c", f"{setting} {GUIDE} --json"], capture_output=True, check=True, timeout=60).stdout
        for setting in ("PYTHONIOENCODING=ascii:strict", "PYTHONIOENCODING=utf-8")
    ]
    assert told[0].isascii()
    assert not told[1].isascii()
    assert json.loads(told[0]) == json.loads(told[1])


@pytest.mark.slow
def test_an_audit_whose_reader_leaves_ends_as_quietly(tmp_path):
    (tmp_path / "own.py").write_text(
        "import keras\n\ndef model():\n    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])\n"
    )
    line = f"({sys.executable} -m initterm audit own:model; echo $? >&3) 3>&2 | head -1 > /dev/null"
    ended = subprocess.run(["bash", "-c", line], capture_output=True, timeout=120, cwd=tmp_path)
    assert "Traceback" not in ended.stderr.decode()
    assert ended.stderr.decode().splitlines()[-1] in ("0", str(UNREAD))
