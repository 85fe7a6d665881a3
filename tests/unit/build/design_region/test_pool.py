"""The pool: every task gives one row, though a process dies, grows old, or ctrl-C is pressed."""

from __future__ import annotations

import os
import signal

import pytest

from nexpo.build.design.pool import DIED, Pool

Row = tuple[int, str]


def echo(task: int) -> Row:
    return task, ""


def told(task: int) -> Row:
    handler = signal.getsignal(signal.SIGINT)
    return task, f"{os.environ['NUMBA_NUM_THREADS']} {handler == signal.SIG_IGN}"


def process(task: int) -> Row:
    return task, str(os.getpid())


def deadly(task: int) -> Row:
    if task == 3:
        os._exit(9)
    return task, "alive"


def wrong(task: int) -> Row:
    raise ValueError(task)


def failed(task: int, reason: str) -> Row:
    return task, reason


def test_every_task_gives_one_row() -> None:
    assert sorted(Pool(echo, failed, 2).rows(range(9))) == [(task, "") for task in range(9)]
    assert list(Pool(echo, failed, 2).rows([])) == []


def test_a_process_has_one_thread_and_no_ear_for_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_NUM_THREADS", "7")
    monkeypatch.delenv("POLARS_MAX_THREADS", raising=False)
    assert list(Pool(told, failed, 1).rows([1])) == [(1, "1 True")]
    assert os.environ["NUMBA_NUM_THREADS"] == "7"
    assert "POLARS_MAX_THREADS" not in os.environ


def test_the_row_of_the_warming_task_is_thrown_away() -> None:
    assert list(Pool(echo, failed, 1).rows([1], warm=5)) == [(1, "")]


def test_a_warming_task_that_kills_its_process_keeps_nobody_from_work() -> None:
    assert sorted(Pool(deadly, failed, 2).rows([1, 2], warm=3)) == [(1, "alive"), (2, "alive")]


def test_processes_are_replaced_after_their_time() -> None:
    rows = list(Pool(process, failed, 1, lifetime=2).rows(range(4)))
    assert sorted(task for task, _ in rows) == [0, 1, 2, 3]
    assert len({number for _, number in rows}) == 2


def test_a_task_that_kills_its_process_is_named_and_the_others_are_done() -> None:
    rows = dict(Pool(deadly, failed, 2).rows(range(7)))
    assert rows == {task: DIED if task == 3 else "alive" for task in range(7)}


def test_an_error_of_the_job_comes_through() -> None:
    with pytest.raises(ValueError, match="1"):
        list(Pool(wrong, failed, 1).rows([1]))
