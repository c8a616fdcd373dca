"""Signal's keys."""

from initterm.tui.keys import bindings

KEYS = bindings(
    "settings next_view train",
    settings="",
    next_view="view",
    quantity="signal or gradient",
    zoom="all layers again",
    jacobian="",
    more="more seeds",
    train="to Train",
    copy_command="",
    export="",
    picture="",
    undo="",
    step_out="",
)
