"""The line to the terminal tells how fast it empties once it is full."""

import os
import threading
import time

from initterm.tui.line import PIECE, TerminalLine

RATE = 200_000


def read_slowly(master, size):
    while size > 0:
        size -= len(os.read(master, RATE // 100))
        time.sleep(0.01)


def test_a_full_line_tells_how_fast_it_is():
    told = []
    master, slave = os.openpty()
    with os.fdopen(slave, "w") as screen:
        line = TerminalLine(screen, lambda size, seconds: told.append((size, seconds)))
        line.write(PIECE * "a")
        text = 100_000 * "a"
        reader = threading.Thread(target=read_slowly, args=(master, PIECE + len(text)))
        reader.start()
        line.write(text)
        reader.join()
    os.close(master)
    assert told[0] == (0, 0.0)
    (size, seconds) = told[1]
    assert PIECE < size <= len(text)
    assert 0.2 * RATE < size / seconds < 3 * RATE
