"""``initterm papers``: published results replicated here, and what they claimed judged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initterm.cli import candidates
from initterm.cli.candidates import among, of_kind
from initterm.cli.command import DONE, FAILED, OUTPUT, SEED, check_writables, print_result, quiet, write_file
from initterm.cli.keeping import KEEP, board_at_the_end, is_kept
from initterm.experiments.settings import DATA

if TYPE_CHECKING:
    from initterm.experiments.papers.asked import PaperChoice
    from initterm.experiments.papers.paper import PaperBoard


@click.command()
@click.argument("names", metavar="[NAME...|all]", nargs=-1, shell_complete=among(candidates.papers))
@click.option("--data", default="auto", show_default=True, metavar=DATA.metavar, shell_complete=of_kind(DATA))
@click.option("--seed", type=SEED, default="42", show_default=True, help="The first seed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--png", "png_file", type=OUTPUT, metavar="FILE", help="Draw what was measured, a row a paper.")
@KEEP
def papers(
    names: tuple[str, ...], data: str, seed: int, as_json: bool, png_file: Path | None, keeps: bool | None
) -> int:
    """Replicate published results on this machine, and judge what was claimed.

    NAME is one of the list that stands here without it, such as he2015. Exit status 1 when a claim fails.
    """
    from initterm.experiments.papers.asked import PaperChoice
    from initterm.experiments.papers.catalogue import papers_named
    from initterm.report.papers import results as report

    chosen = papers_named(names)
    if not names:
        print_result(report.list_tables(chosen), report.list_json(chosen), as_json)
        return DONE
    check_writables(png_file)
    boards = []
    for paper in chosen:
        choice = PaperChoice(paper.name, data, seed)
        with board_at_the_end(choice, events_of_replication(choice, keeps=is_kept(keeps))) as board:
            boards.append(board)
            print_replication(board, as_json)
    if as_json:
        print_result(iter(()), report.papers_json(boards), as_json)
    if png_file:
        from initterm.report.papers.results import papers_png

        write_file(png_file, papers_png(boards))
    return DONE if all(board.holds for board in boards) else FAILED


def print_replication(board: PaperBoard, as_json: bool) -> None:
    """Print what came out of a replication for people; of JSON, which is one object for all, the note alone."""
    from initterm.report.papers.results import paper_tables

    if not as_json:
        print_result(paper_tables(board), {}, as_json)
    elif board.note:
        click.echo(f"initterm: {board.note}", err=True)


def events_of_replication(choice: PaperChoice, run: str = "", *, keeps: bool = True) -> Iterator[Any]:
    """The paper's experiments run in this process, and its claims judged; kept as a new run, as another, or not."""
    quiet()
    if keeps:
        from initterm.pipe.kept_runs import kept_replication

        yield from kept_replication(choice, run)
    else:
        from initterm.engine.papers.replication import replicate

        yield from replicate(choice.replicated, choice.data, choice.seed)
