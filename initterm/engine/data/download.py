"""MNIST's download, from where Keras takes it, with progress and an end to waiting."""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from initterm.experiments.message import DataReceived
from initterm.theory.numbers import plain

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"

PATIENCE = 10.0
"""Seconds without a single byte after which a download is given up."""

Item = bytes | Exception | int | None
Chunks = queue.Queue[Item]

POLL = 0.2
CHUNK = 2**16

AS_IT_IS = {"Accept-Encoding": "identity"}
"""The checksum and the length are those of the file, not of something that is packed for the way."""


class DownloadFailed(Exception):
    """Why the file could not be had, as a sentence."""


def download(url: str, target: Path, sha256: str = SHA256, patience: float = PATIENCE) -> Iterator[DataReceived]:
    """Fetch the file and put it in its place once it is whole; yields its progress several times a second.

    The network is waited for in a thread of its own: no library limits how long a name is looked up, and who stops to
    iterate is not to wait for a silent server.

    Args:
        url: where it is.
        target: where it goes; written only when the checksum is right.
        sha256: the checksum it must have.
        patience: seconds without a byte after which it is given up.

    Raises:
        DownloadFailed: no network, a silent server, a wrong checksum, or no place to write to.
    """
    chunks: Chunks = queue.Queue(maxsize=64)
    abandoned = threading.Event()
    threading.Thread(target=_fetch, args=(url, chunks, abandoned, patience), daemon=True).start()
    content = bytearray()
    try:
        for total in _received(chunks, content, patience):
            yield DataReceived(len(content), total)
    finally:
        abandoned.set()
    _keep(bytes(content), target, sha256)


def _received(chunks: Chunks, content: bytearray, patience: float) -> Iterator[int | None]:
    """Add what comes to the content; yields the length that is expected, some times a second and after each chunk."""
    total, last = None, time.monotonic()
    while True:
        try:
            item = chunks.get(timeout=POLL)
        except queue.Empty:
            if time.monotonic() - last > patience:
                raise DownloadFailed(f"the server was silent for {plain(patience)} seconds.") from None
            yield total
            continue
        last = time.monotonic()
        if item is None:
            return
        if isinstance(item, Exception):
            raise DownloadFailed(_reason(item))
        if isinstance(item, int):
            total = item
        else:
            content += item
            yield total


def _fetch(url: str, chunks: Chunks, abandoned: threading.Event, patience: float) -> None:
    """Put the length, the chunks and None; or the exception that ended it, whichever, for the one who waits."""

    def put(item: Item) -> None:
        while not abandoned.is_set():
            with contextlib.suppress(queue.Full):
                chunks.put(item, timeout=POLL)
                return

    try:
        import requests

        with requests.get(url, stream=True, timeout=patience, headers=AS_IT_IS) as response:
            response.raise_for_status()
            if length := response.headers.get("Content-Length"):
                put(int(length))
            while not abandoned.is_set() and (chunk := response.raw.read1(CHUNK)):  # what is there, not a whole chunk
                put(chunk)
        put(None)
    except Exception as error:
        put(error)


def _reason(error: Exception) -> str:
    import requests
    import urllib3

    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "the server was silent for too long."
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code}."
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the server ended before the file did."
    if isinstance(error, requests.ConnectionError):
        return "there is no connection to the server."
    return f"the download broke off ({type(error).__name__})."


def _keep(content: bytes, target: Path, sha256: str) -> None:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DownloadFailed("what came has the wrong checksum.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(content)
        part.replace(target)
    except OSError as error:
        raise DownloadFailed(f"{target} can't be written ({error.strerror}).") from None
