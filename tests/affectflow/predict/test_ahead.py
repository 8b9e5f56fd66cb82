from __future__ import annotations

import threading
from contextlib import closing

import pytest

from affectflow.predict.ahead import ahead


def test_the_same_items_in_order_from_another_thread():
    threads = set()

    def numbers():
        for n in range(50):
            threads.add(threading.get_ident())
            yield n

    assert list(ahead(numbers(), 3)) == list(range(50))
    assert threads.isdisjoint({threading.get_ident()})
    assert len(threads) == 1


def test_no_more_than_depth_wait():
    made = threading.Semaphore(0)

    def numbers():
        for n in range(20):
            made.release()
            yield n

    with closing(ahead(numbers(), 2)) as items:
        assert next(items) == 0
        # One is with the reader, two wait, and one is in the worker's hands.
        for _ in range(4):
            assert made.acquire(timeout=5)
        assert not made.acquire(timeout=0.3)


def test_an_error_comes_up_after_what_was_made_before_it():
    def numbers():
        yield 1
        raise OSError("the disk is gone")

    items = ahead(numbers(), 2)
    assert next(items) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(items)


def test_a_reader_who_leaves_has_the_generator_closed():
    closed = threading.Event()

    def numbers():
        try:
            while True:
                yield 0
        finally:
            closed.set()

    items = ahead(numbers(), 1)
    next(items)
    items.close()
    # close() waits for the worker.
    assert closed.is_set()
