"""A runner that loses an element: one that a stage hands to the next never arrives."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from apache_beam.runners.worker.bundle_processor import DataOutputOperation

from affectflow.records.clip_counts import LostRecords
from affectflow.records.shards import DamagedShards


@contextmanager
def losing(at: int | None) -> Iterator[list[int]]:
    """Loses the element of that number, from 0, of all that stages hand on; None = none.

    Yields:
        [how many were handed on], filled meanwhile.
    """
    handed = [0]
    process = DataOutputOperation.process

    def counting(self: Any, value: Any) -> None:
        number, handed[0] = handed[0], handed[0] + 1
        if number != at:
            process(self, value)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DataOutputOperation, "process", counting)
        yield handed


def losses_unnoticed(node: Callable[[], Any]) -> list[int]:
    """Runs a node with one loss after another, spread over all that is handed on.

    How many is said by ``AFFECTFLOW_LOSSES`` (``make test-losses`` says 40).

    Args:
        node: runs it, and gives what it left, to be compared.

    Returns:
        the numbers of those elements whose loss changed what the node gives, and yet it ended well.
    """
    with losing(None) as handed:
        whole = node()
    count = handed[0]
    assert count >= 2, "the node hands nothing on"
    tries = int(os.environ.get("AFFECTFLOW_LOSSES", "4"))
    unnoticed = []
    for at in sorted({round(i * (count - 1) / (tries - 1)) for i in range(tries)}):
        try:
            with losing(at):
                left = node()
        except (LostRecords, DamagedShards):
            # The second where a sink did not learn where its temporary files lie, and left them.
            continue
        except Exception as error:
            # The job itself failed, as where a library lost what it computes with.
            if "[while running" not in str(error):
                raise
            continue
        if left != whole:
            unnoticed.append(at)
    return unnoticed
