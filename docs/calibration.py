"""Simulates all that is promised, and writes what was found into its page: ``python -m docs.calibration``."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from initterm.cli.calibrate import calibrate, calibrated
from initterm.report.calibration.results import calibration_lines

PAGE = Path(__file__).parent / "calibration.md"
PART = re.compile(r"(<!-- made by `make calibration` -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Write the page as the command's defaults find it; status 1 where a promise is broken."""
    options = calibrate.make_context("calibrate", []).params
    board = calibrated(options["simulations"], options["seed"])
    lines = "\n".join(calibration_lines(board, datetime.now(UTC).date().isoformat()))
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(PART.sub(lambda found: f"{found[1]}\n{lines}\n\n{found[2]}", text), encoding="utf-8")
    return 0 if board.kept else 1


if __name__ == "__main__":
    sys.exit(main())
