"""A process pool for independent jobs that survives ctrl-C, leaks and the death of a process.

Processes are spawned, not forked: threads of polars and numba do not live through a fork. Each
works with one thread and is replaced after some jobs, so that memory that a library keeps is
given back. Only a few jobs wait in the pool at a time. When a process dies (the system takes it
when memory runs out) the jobs it may have had are tried again, each alone; one that kills its
process again becomes a failed row.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

TaskT = TypeVar("TaskT")
RowT = TypeVar("RowT")

_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
_ORPHAN = 70
DIED = "its process died twice, most likely for want of memory: use fewer jobs, or look at it alone"


@dataclass(frozen=True, slots=True)
class Pool(Generic[TaskT, RowT]):
    """Processes that turn tasks into rows.

    Parameters
    ----------
    function
        The job: known by name in a module, so that another process finds it.
    failed
        Makes the row of a task whose process died, from the task and the reason.
    jobs
        Processes at a time.
    lifetime
        Jobs after which a process is replaced.
    """

    function: Callable[[TaskT], RowT]
    failed: Callable[[TaskT, str], RowT]
    jobs: int
    lifetime: int = 200

    def rows(
        self, tasks: Sequence[TaskT], *, warm: TaskT | None = None
    ) -> Generator[RowT, None, None]:
        """Yield the row of each task as it is finished.

        Parameters
        ----------
        tasks
            Begun in this order.
        warm
            Done first, by the first process while it is alone, and its row thrown away: so that
            what is compiled on first use is compiled once, and the others find it.
        """
        waiting = deque(tasks)
        with _one_thread_each():
            while waiting:
                lost = yield from self._shift(waiting, warm)
                warm = None
                for task in lost:
                    yield from self._alone(task)

    def _shift(
        self, waiting: deque[TaskT], warm: TaskT | None
    ) -> Generator[RowT, None, list[TaskT]]:
        """Work with one set of processes until it has served its time; return lost tasks."""
        left = self.jobs * self.lifetime
        running: dict[Future[RowT], TaskT] = {}
        with _executor(min(self.jobs, len(waiting))) as executor, suppress(BrokenProcessPool):
            if warm is not None:
                _submit(executor, self.function, warm).result()
            while running or (waiting and left):
                while waiting and left and len(running) <= self.jobs:
                    future = _submit(executor, self.function, waiting[0])
                    running[future] = waiting.popleft()
                    left -= 1
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    row = future.result()  # when a process died, this ends the shift
                    del running[future]
                    yield row
        return list(running.values())

    def _alone(self, task: TaskT) -> Iterator[RowT]:
        with _executor(1) as executor:
            try:
                yield _submit(executor, self.function, task).result()
            except BrokenProcessPool:
                yield self.failed(task, DIED)


@contextmanager
def _executor(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool of spawned processes; at the end those at work finish, nothing else begins."""
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _submit(
    executor: ProcessPoolExecutor, function: Callable[[TaskT], RowT], task: TaskT
) -> Future[RowT]:
    """Hand over a job; a process begun by it inherits that ctrl-C is not for it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        return executor.submit(function, task)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return executor.submit(function, task)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Prepare a process: ctrl-C is its parent's business, and it ends when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(_ORPHAN)  # nobody is left to read the row


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes begun meanwhile use one thread each: there are as many as cores."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
