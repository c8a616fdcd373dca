"""Sweep's keys."""

from initterm.tui.keys import bindings

KEYS = bindings(
    "run pause stop settings open focus_one why",
    run="",
    pause="pause",
    stop="",
    more="more seeds for undecided cells",
    open="to Train",
    find="type initializers",
    settings="axes",
    focus_one="maps",
    next_view="one map, or all",
    why="workers",
    copy_command="",
    export="",
    picture="",
    page_down="next values of further axes",
    page_up="values before",
    step_out="",
)
