"""What a person leaves out of an audit, by name or by a baseline, isn't told, and nothing else is silent."""

import pytest

from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import Finding
from initterm.experiments.audit.ignoring import Baseline, Ignored, LeftOut, parse_ignored, paths_of
from initterm.theory.refusal import Refusal


def finding(check="unsuited", layer="block/dense", tensor="kernel"):
    return Finding(check, "warning", layer, "what", "evidence", "why", "fix", tensor)


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        ("unsuited", True),
        ("unsuited:block/*", True),
        ("unsuited:block/dense/kernel", True),
        ("unsuited:block", False),
        ("unsuited:*/bias", False),
        ("off_law", False),
    ],
)
def test_a_check_is_left_out_where_its_path_fits(text, silent):
    assert LeftOut.of("m:f", (text,)).holds(finding()) is silent


def test_what_is_about_the_model_has_no_path():
    assert paths_of(finding(layer="", tensor="")) == ("",)
    assert LeftOut((Ignored("unsuited"),)).holds(finding(layer="", tensor=""))


def test_a_check_is_spelled_as_it_is_or_refused():
    assert parse_ignored("Unsuited: a/*") == "unsuited:a/*"
    with pytest.raises(Refusal, match="did you mean unsuited"):
        parse_ignored("unsuted:a/*")


def test_a_baseline_holds_what_was_found_of_each_model(tmp_path):
    path = tmp_path / "baseline.json"
    first = Baseline().with_model("m:g", [finding("off_law")]).with_model("m:f", [finding(), finding(tensor="other")])
    path.write_bytes(first.content)
    assert Baseline.read(path) == first
    left_out = LeftOut.of("m:f", (), str(path))
    assert left_out.holds(finding())
    assert not left_out.holds(finding(layer="new"))
    assert not left_out.holds(finding("off_law"))
    again = Baseline.read(path).with_model("m:f", [])
    assert again.models == {"m:f": (), "m:g": ("off_law:block/dense/kernel",)}


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"models": 3}', b"\xff"])
def test_what_is_no_baseline_is_a_sentence(tmp_path, content):
    path = tmp_path / "baseline.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refusal, match="--write-baseline makes one"):
        Baseline.read(path)


def test_the_command_says_what_is_left_out():
    choice = ModelChoice("m:f", ignore=("unsuited:a/*",), baseline="b.json")
    assert choice.command == "initterm audit m:f --ignore 'unsuited:a/*' --baseline b.json"
