"""Where a sweep is computed is set in a few settings, and nobody's machine is opened by them."""

import pytest

from initterm.experiments.sweep.workplace import Workplace, parse_address, parse_hosts
from initterm.theory.refusal import Refusal


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://localhost:1", "tcp://[::1]:8786"])
def test_a_scheduler_of_this_machine_needs_no_key(address):
    assert Workplace(scheduler=address).is_cluster


@pytest.mark.parametrize("address", ["tcp://10.0.0.7:8786", "tls://box:8786", "tcp://127.0.0.1.example.org:8786"])
def test_one_of_another_machine_needs_one(address):
    with pytest.raises(Refusal, match="isn't this machine's own, and a scheduler obeys whoever reaches it"):
        Workplace(scheduler=address)


def test_with_keys_it_is_reached_by_tls():
    assert Workplace(scheduler="tls://box:8786", tls="keys").place == "tls://box:8786"
    with pytest.raises(Refusal, match="With --tls the address begins with tls://"):
        Workplace(scheduler="tcp://box:8786", tls="keys")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"scheduler": "tcp://127.0.0.1:1", "scheduler_file": "f"}, "both say where the cluster is"),
        ({"scheduler_file": "f", "workers": 2}, "a cluster has its own"),
        ({"tls": "keys"}, "is for a cluster"),
        ({"threads": 0}, "threads"),
        ({"hosts": ("box",), "scheduler_file": "f"}, "have a scheduler of their own"),
    ],
)
def test_what_does_not_go_together_is_refused(settings, says):
    with pytest.raises(Refusal, match=says):
        Workplace(**settings)


def test_hosts_are_names_and_never_options():
    assert parse_hosts(" box1, user@box2.lab,") == ("box1", "user@box2.lab")
    assert parse_hosts("") == ()
    assert Workplace(hosts=("box1", "box2"), workers=3).place == "box1, box2"
    for text in ("-oProxyCommand=x", "box1,-l", "box 1", "a@b@c", "box;rm", "@box"):
        with pytest.raises(Refusal, match="Hosts are names as ssh knows them"):
            parse_hosts(text)


def test_an_address_is_read_in_its_one_form():
    assert parse_address(" box:8786 ") == "tcp://box:8786"
    assert parse_address("") == ""
    for text in ("box", "ssh://box:22", "box:8786/x", "box:x"):
        with pytest.raises(Refusal, match="A scheduler's address is"):
            parse_address(text)
