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

from apache_beam.portability import python_urns
from apache_beam.runners.portability.fn_api_runner import FnApiRunner, worker_handlers

_TIMER = "DATA_BUFFER_TIME_LIMIT_MS"
_BEAMS, _OURS = b"apache_beam.runners.worker.sdk_worker_main", b"pipelines.worker"


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


@worker_handlers.WorkerHandler.register_environment(python_urns.SUBPROCESS_SDK, bytes)
class _OwnProcesses(worker_handlers.SubprocessSdkWorkerHandler):
    """Workers of ``--direct_running_mode=multi_processing``, begun by ``pipelines.worker``.

    Raises:
        RuntimeError: this Beam begins its own in another way.
    """

    def __init__(self, worker_command_line: bytes, *given: Any):
        if _BEAMS not in worker_command_line:
            raise RuntimeError(
                f"Beam begins a worker by {worker_command_line.decode()}; see whether it still"
                " waits for ever when standard error is on a full disk (pipelines.worker)"
            )
        super().__init__(worker_command_line.replace(_BEAMS, _OURS), *given)
