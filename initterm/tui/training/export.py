"""The forms in which a run is taken along from the app."""

from __future__ import annotations

from typing import cast

from initterm.engine.client import Engine, EngineBroken, EngineLost
from initterm.engine.judgement import Judged
from initterm.engine.scoreboard import Scoreboard
from initterm.engine.standing import final_standing
from initterm.report.files import json_text
from initterm.report.results import train_csv, train_json
from initterm.report.training_figure import training_png
from initterm.theory.refusal import Refusal
from initterm.tui.export import Forms

PATIENCE = 30
"""Seconds that the engine has for comparing the trials."""


def export_forms(board: Scoreboard, engine: Engine) -> Forms:
    """Every epoch as CSV, the curves as PNG, everything as JSON."""

    def everything() -> bytes:
        try:
            judged = engine.judge(final_standing(board).accuracies).result(PATIENCE)
        except (EngineLost, EngineBroken, TimeoutError) as problem:
            raise Refusal(f"The engine can't compare the trials now: {problem}") from None
        return json_text(train_json(board, cast(Judged, judged))).encode()

    return {".csv": lambda: train_csv(board).encode(), ".png": lambda: training_png(board), ".json": everything}
