"""What goes to another machine, and what is known of how it is reached."""

import msgspec
import pytest

from initterm.pipe.cluster.hosts import Keys, address_towards, keys_in
from initterm.theory.refusal import Refusal


def test_keys_come_over_a_line_as_they_were_sent():
    keys = Keys("a", "b", "c")
    assert keys_in(msgspec.json.encode(keys) + b"\n") == keys
    assert keys.security.tls_worker_key == "c"
    with pytest.raises(Refusal):
        keys_in(b"no keys\n")


def test_this_machine_is_reached_by_its_own_address():
    assert address_towards("me@127.0.0.1") == "127.0.0.1"


def test_a_host_that_nobody_knows_is_refused():
    with pytest.raises(Refusal, match=r"nowhere\.invalid can't be reached"):
        address_towards("nowhere.invalid")
