"""Points in time and how long things took, in few columns."""

from __future__ import annotations

import time

MINUTE, HOUR, DAY = 60, 3600, 86400


def when(began: float, now: float | None = None, *, briefly: bool = False) -> str:
    """The local time at which something began; ``briefly`` the part of it that tells most: 6 columns."""
    then, today = time.localtime(began), time.localtime(now)  # None is now
    day = f"{then.tm_mday} {time.strftime('%b', then)}"
    if not briefly:
        return f"{day} {time.strftime('%H:%M', then)}" if then.tm_year == today.tm_year else f"{day} {then.tm_year}"
    if then[:3] == today[:3]:
        return time.strftime("%H:%M", then)
    return day if then.tm_year == today.tm_year else time.strftime("%b%y", then)


def lasted(seconds: float) -> str:
    """How long something took, in 5 columns."""
    whole = max(0, round(seconds))
    if whole < 10 * MINUTE:
        return f"{whole} s"
    if whole < 10 * HOUR:
        return f"{whole // HOUR}h{whole % HOUR // MINUTE:02}" if whole >= HOUR else f"{whole // MINUTE} m"
    return f"{whole // HOUR} h" if whole < 10 * DAY else f"{whole // DAY} d"
