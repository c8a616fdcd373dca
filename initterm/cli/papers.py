"""``initterm papers``: published results replicated here, and what they claimed judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from initterm.cli.command import DONE, FAILED, OUTPUT, SEED, check_writables, print_result, quiet, write_file

if TYPE_CHECKING:
    from initterm.experiments.papers.paper import Paper, PaperBoard


@click.command()
@click.argument("names", metavar="[NAME...|all]", nargs=-1)
@click.option("--data", default="auto", show_default=True, metavar="auto|mnist|digits|FILE")
@click.option("--seed", type=SEED, default="42", show_default=True, help="The first seed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--png", "png_file", type=OUTPUT, metavar="FILE", help="Draw what was measured, a row a paper.")
def papers(names: tuple[str, ...], data: str, seed: int, as_json: bool, png_file: Path | None) -> int:
    """Replicate published results on this machine, and judge what was claimed.

    NAME is one of the list that stands here without it, such as he2015. Exit status 1 when a claim fails.
    """
    from initterm.experiments.papers.catalogue import papers_named
    from initterm.report.papers import results as report

    chosen = papers_named(names)
    if not names:
        print_result(report.list_tables(chosen), report.list_json(chosen), as_json)
        return DONE
    check_writables(png_file)
    boards = []
    for paper in chosen:
        boards.append(_replicated(paper, data, seed))
        if not as_json:
            print_result(report.paper_tables(boards[-1]), {}, as_json)
        elif boards[-1].note:
            click.echo(f"initterm: {boards[-1].note}", err=True)
    if as_json:
        print_result(iter(()), report.papers_json(boards), as_json)
    if png_file:
        from initterm.report.papers.results import papers_png

        write_file(png_file, papers_png(boards))
    return DONE if all(board.holds for board in boards) else FAILED


def _replicated(paper: Paper, data: str, seed: int) -> PaperBoard:
    """The paper's experiments run in this process, and its claims judged."""
    from initterm.experiments.papers.paper import PaperBoard
    from initterm.report.progress import followed

    quiet()
    from initterm.engine.papers.replication import replicate

    return followed(PaperBoard(paper), replicate(paper, data, seed))
