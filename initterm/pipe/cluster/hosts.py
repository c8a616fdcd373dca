"""Workers on other machines, started by the person's own ssh: its configuration, its agent, its known hosts.

Dask's own ``SSHCluster`` puts its whole configuration, and the options of workers, on the remote command line, where
others of that machine read it. Here keys go over the standard input of ``initterm worker``, which ends with the line.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence

import msgspec
from distributed.security import Security

from initterm.pipe.native_output import new_log
from initterm.theory.numbers import seconds
from initterm.theory.refusal import Refusal, printable

SSH = ("ssh", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4")
"""Nobody is there to be asked for a password, and a line that is dead ends."""

SSH_PORT = 22
END_SECONDS = 5.0
JOIN_SECONDS = 120.0
LOOK_SECONDS = 0.2


class Keys(msgspec.Struct, frozen=True):
    """What lets a worker speak with a scheduler, as texts in PEM."""

    ca: str
    cert: str
    key: str

    @classmethod
    def of(cls, security: Security) -> Keys:
        """Those that a worker needs of a scheduler's."""
        return cls(security.tls_ca_file, security.tls_worker_cert, security.tls_worker_key)

    @property
    def security(self) -> Security:
        """What Dask takes."""
        return Security(
            require_encryption=True,
            tls_ca_file=self.ca,
            tls_client_cert=self.cert,
            tls_client_key=self.key,
            tls_worker_cert=self.cert,
            tls_worker_key=self.key,
        )


class HostWorkers:
    """The workers of a machine, in the hands of an ssh process here.

    Args:
        host: as ssh knows it.
        address: the scheduler's, as that machine reaches it.
        keys: that are sent there.
        workers: how many there, 0 for one a core.

    Raises:
        OSError: there is no ssh.
    """

    def __init__(self, host: str, address: str, keys: Keys, workers: int) -> None:
        self.host = host
        self._log = new_log("ssh")
        command = ("initterm", "worker", "--keys-from-stdin", "--scheduler", address, "--workers", str(workers))
        with self._log.open("wb") as printed:
            self._ssh = subprocess.Popen(
                (*SSH, host, *command), stdin=subprocess.PIPE, stdout=printed, stderr=printed, start_new_session=True
            )
        with contextlib.suppress(OSError):
            self._send(msgspec.json.encode(keys))

    def _send(self, line: bytes) -> None:
        if self._ssh.stdin:
            self._ssh.stdin.write(line + b"\n")
            self._ssh.stdin.flush()

    @property
    def ended(self) -> bool:
        """Whether its line is gone, and with it its workers."""
        return self._ssh.poll() is not None

    @property
    def last_words(self) -> str:
        """The last line that it printed."""
        with contextlib.suppress(OSError):
            lines = self._log.read_bytes().decode(errors="replace").strip().splitlines()
            return printable(lines[-1]) if lines else "it ended without a word"
        return "what it printed can't be read"

    def close(self) -> None:
        """Hang up, at which its workers end."""
        with contextlib.suppress(OSError):
            if self._ssh.stdin:
                self._ssh.stdin.close()
        try:
            self._ssh.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._ssh.kill()
            self._ssh.wait()


def address_towards(host: str) -> str:
    """The address of this machine by which another one, as ssh knows it, most likely reaches it.

    Raises:
        Refusal: nothing is known of how that machine is reached.
    """
    name = host.rpartition("@")[2]
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((_real_name(name), SSH_PORT))  # nothing is sent
            return str(probe.getsockname()[0])
    except OSError as error:
        raise Refusal(f"{host} can't be reached ({error.strerror or error}).") from None


def _real_name(host: str) -> str:
    """The name behind one of ssh's configuration; the same where there is none."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(("ssh", "-G", host), capture_output=True, text=True, timeout=END_SECONDS, check=True)
        for line in told.stdout.splitlines():
            word, _, value = line.partition(" ")
            if word == "hostname":
                return value
    return host


def wait_for_one(hosts: Sequence[HostWorkers], joined: Iterable[object]) -> None:
    """Wait until the first worker has joined.

    Args:
        hosts: those that are on their way.
        joined: told again and again, what there is.

    Raises:
        Refusal: all of them ended, or none joined for long.
    """
    end = time.monotonic() + JOIN_SECONDS
    for there in joined:
        if there:
            return
        if all(host.ended for host in hosts):
            told = "; ".join(f"{host.host}: {host.last_words}" for host in hosts)
            raise Refusal(f"No host has started a worker. {told.rstrip('.')}.")
        if time.monotonic() > end:
            raise Refusal(
                f"No worker of {', '.join(host.host for host in hosts)} has joined in {seconds(JOIN_SECONDS)}."
            )
        time.sleep(LOOK_SECONDS)


def keys_in(line: bytes) -> Keys:
    """The keys that a scheduler's machine has sent.

    Raises:
        Refusal: it is something else.
    """
    try:
        return msgspec.json.decode(line, type=Keys)
    except msgspec.MsgspecError:
        raise Refusal("What came on standard input are no keys; initterm sweep --hosts sends them.") from None
