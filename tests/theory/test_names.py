"""Names are found however people spell them, and what is nearly one is asked about."""

import pytest

from initterm.theory.refusal import LONGEST, Refusal, meant, name_of, spelling

NAMES = ("leaky_relu", "relu", "hard_silu")


@pytest.mark.parametrize("text", ["Leaky ReLU", "leaky_relu", "leaky-relu", " LEAKYRELU "])
def test_signs_and_case_spell_the_same(text):
    assert spelling(text) == "leakyrelu"
    assert name_of(text, NAMES, "activation") == "leaky_relu"


def test_an_alias_stands_for_its_name():
    assert name_of("Hard-Swish", NAMES, "activation", {"hard_swish": "hard_silu"}) == "hard_silu"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("laky_relu", "No activation is called 'laky_relu'; did you mean leaky_relu?"),
        ("hard_swich", "did you mean hard_silu?"),
        ("zzz", "known are leaky_relu, relu, hard_silu."),
    ],
)
def test_what_is_none_is_refused_with_what_may_have_been_meant(text, says):
    with pytest.raises(Refusal) as refusal:
        name_of(text, NAMES, "activation", {"hard_swish": "hard_silu"})
    assert says in str(refusal.value)


def test_where_nothing_is_near_other_words_may_be_said():
    with pytest.raises(Refusal, match=r"No paper is called 'zzz'; ask a librarian\."):
        name_of("zzz", NAMES, "paper", otherwise="ask a librarian.")


def test_how_much_alike_is_near_can_be_asked_for():
    assert meant("lu", NAMES, like=0.6) == "relu"
    assert meant("lu", NAMES, like=0.9) == ""
    assert meant("lu", ()) == ""


def test_of_a_long_text_the_beginning_is_compared():
    assert meant("relu" + " " * LONGEST + "x" * 10**6, NAMES) == "relu"
