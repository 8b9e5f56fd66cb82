"""A worker of a Beam job as a process of its own, as Beam's own but for its standard streams.

    python -m pipelines.worker

Beam's prints an error to standard error before it answers the runner, which waits for ever when
that cannot be written (see ``pipelines.log_stream``).
"""

from __future__ import annotations

import sys

from pipelines.lean_imports import lean_imports
from pipelines.quiet import ready_streams

if __name__ == "__main__":
    ready_streams()
    lean_imports()

    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv)
