"""The runner of everything that Beam does in this process: Beam's own, without what loses records.

Beam 2.74's FnApiRunner with threads gives each output stream a timer that flushes it once a second.
The flush sends what the stream holds and then empties it, without a lock against the thread that
writes: what is written between the two is gone, and a record that is being written is torn in two.
It shows on a busy machine, as elements that are missing without a word, or as a reader that takes a
torn length for gigabytes. Without the timer streams are flushed by size and at the end of a bundle,
by the thread that writes them.
"""

from __future__ import annotations

from typing import Any

from apache_beam.runners.portability.fn_api_runner import FnApiRunner, worker_handlers

_TIMER = "DATA_BUFFER_TIME_LIMIT_MS"


class InProcessRunner(FnApiRunner):
    """``--runner=pipelines.in_process.InProcessRunner``: threads, or one, of this process."""

    def run_pipeline(self, pipeline: Any, options: Any) -> Any:
        """Runs a pipeline; see Beam's runner for the options that it takes.

        Raises:
            RuntimeError: this Beam keeps the timer elsewhere, so that it cannot be stopped.
        """
        if not hasattr(worker_handlers, _TIMER):
            raise RuntimeError(
                f"Beam's {worker_handlers.__name__} has no {_TIMER}; see whether its threads still"
                " lose records, and how their flush by time is switched off"
            )
        # Runner and workers read it when a job begins, each for its own direction.
        setattr(worker_handlers, _TIMER, 0)
        return super().run_pipeline(pipeline, options)
