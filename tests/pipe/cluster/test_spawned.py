"""Of worker processes none is left; others of the same process are none of ours."""

import multiprocessing
import time

from initterm.pipe.cluster.spawned import OF_DASK, Spawned


def spawned(name):
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(300,), name=name)
    process.start()
    return process


def test_workers_that_were_spawned_since_are_killed():
    earlier = spawned(f"{OF_DASK} (earlier)")
    ours = Spawned()
    worker, other = spawned(f"{OF_DASK} (from Nanny)"), spawned("something else")
    try:
        ours.close()
        assert (earlier.is_alive(), worker.is_alive(), other.is_alive()) == (True, False, True)
    finally:
        for process in (earlier, worker, other):
            process.kill()
            process.join()
