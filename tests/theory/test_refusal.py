"""A sentence quotes what a person typed or a file holds so that it can be read and no terminal obeys it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initterm.theory.refusal import Refusal, shown


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_no_sentence_holds_what_a_terminal_would_obey(text):
    assert str(Refusal(f"{text} is no shape.")).isprintable()
    assert shown(text).isprintable()


@given(st.text(), st.integers(1, 80))
def test_a_quoted_text_is_short(text, most):
    assert len(shown(text, most)) <= most


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("he_normal", "he_normal"),
        ("σ_b · 猫 é", "σ_b · 猫 é"),
        ("\x1b[31mred\r\n", "\\x1b[31mred\\r\\n"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\ud800", "\\ud800"),
        ("a" * 61, "a" * 59 + "…"),
        ("a" * 60, "a" * 60),
    ],
)
def test_what_is_quoted(text, quoted):
    assert shown(text) == quoted


def test_a_refusal_that_is_quoted_again_stays_the_same():
    once = Refusal("\x1b is no shape.")
    assert str(Refusal(str(once))) == str(once)
