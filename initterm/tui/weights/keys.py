"""Explore's keys."""

from initterm.tui.keys import bindings

KEYS = bindings(
    "find next_view train export",
    run="another sample",
    find="filter",
    settings="shape, parameters, seed",
    next_view="view",
    focus_one="one alone",
    zoom="the upper tail, or all",
    order="",
    turn="",
    frameworks="",
    train="to Train",
    signal="",
    copy_line="copy the line of Keras",
    copy_command="",
    export="",
    picture="",
    undo="",
    step_out="",
)
