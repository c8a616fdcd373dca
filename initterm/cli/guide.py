"""``initterm guide``: which initializer suits which activation."""

from __future__ import annotations

import click

from initterm.cli.candidates import activations, among
from initterm.cli.command import print_result


@click.command()
@click.argument("activation", metavar="[ACTIVATION|FORMULA]", required=False, shell_complete=among(activations))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def guide(activation: str | None, as_json: bool) -> None:
    """Look up which initializer suits an activation, and why.

    ACTIVATION is one of Keras's, with parameters if need be, such as "elu(alpha=0.5)"; FORMULA is one in x, such as
    "x*tanh(softplus(x))". PyTorch's name of an initializer, such as kaiming_normal_, finds what it suits. Without: all
    of them, the notes, and the questions people ask.
    """
    from initterm.experiments.guide.questions import QUESTIONS
    from initterm.report.guide import results
    from initterm.theory.guide import ROWS, rows_of
    from initterm.theory.initializers import other_name

    rows = rows_of(activation) if activation else ROWS
    if activation and (said := other_name(activation)):
        click.echo(f"initterm: {said}", err=True)
    questions = () if activation else QUESTIONS
    print_result(results.guide_tables(rows, questions), results.guide_json(rows, questions), as_json)
