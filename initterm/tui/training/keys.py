"""Train's keys."""

from initterm.tui.keys import bindings

KEYS = bindings(
    "run pause stop settings focus_one next_view",
    run="",
    pause="pause",
    stop="",
    stop_one="stop the one in focus",
    more="more seeds",
    find="type an initializer",
    settings="",
    focus_one="focus",
    next_view="race",
    zoom="where it is decided, or all",
    quantity="accuracy, loss or both",
    parts="training, validation or both",
    log_scale="log scale of the loss",
    why="what goes wrong, or who leads",
    signal="",
    copy_command="",
    export="",
    picture="",
    undo="",
    page_down="",
    page_up="",
    step_out="",
)
