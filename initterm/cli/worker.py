"""``initterm worker``: the one thing that a box of a cluster has to start."""

from __future__ import annotations

import sys
from typing import Any

import click

from initterm.cli.command import quiet, setting_options
from initterm.experiments.sweep.workplace import WORKPLACE_SETTINGS
from initterm.theory.refusal import Refusal


@click.command()
@setting_options([setting for setting in WORKPLACE_SETTINGS if setting.name not in ("threads", "hosts")])
@click.option("--keys-from-stdin", "by_line", is_flag=True, help="What initterm sweep --hosts starts workers with.")
@click.option("--host", default="", metavar="ADDRESS", help="By which address these workers are reached.")
def worker(workers: int, scheduler: str, scheduler_file: str, tls: str, host: str, by_line: bool, **_: Any) -> None:
    """Do trials of sweeps for a Dask scheduler, until it ends or ctrl+c.

    The scheduler is Dask's own, started once where initterm is installed: dask scheduler --host 127.0.0.1. Sweeps reach
    it by initterm sweep --scheduler. It obeys whoever reaches it, so that one on another machine's address needs
    --tls: a folder with ca.pem, cert.pem and key.pem, the same for scheduler, workers and sweeps (dask scheduler has
    --tls-ca-file, --tls-cert and --tls-key). One key for all is made by: openssl req -x509 -newkey rsa:2048 -nodes
    -days 365 -subj /CN=initterm -keyout key.pem -out cert.pem, with a copy of cert.pem as ca.pem.
    """
    if not scheduler and not scheduler_file:
        raise Refusal("Say for whom: --scheduler tls://host:8786, or --scheduler-file with the file it writes.")
    quiet()
    from initterm.pipe.cluster.worker import work

    line = sys.stdin.buffer if by_line else None
    work(scheduler, scheduler_file, tls, workers, lambda text: click.echo(f"initterm: {text}", err=True), host, line)
