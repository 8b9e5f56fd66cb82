"""The node runner's command line, the same whichever way Airflow runs it.

Values travel as elements of argv and never through a shell, so that nothing in them is obeyed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

# Exit statuses of the node runner.
DONE, FAILED, SKIPPED = 0, 1, 99


@dataclass(frozen=True)
class NodeCommand:
    """What runs a node, but for what only the run knows.

    Attributes:
        python: the worker environment's interpreter.
        workspace: absolute path where runs leave what they make, as the node sees it.
        pipeline: name of the compiled pipeline.
        node: its node.
        code_version: that the pipeline was compiled with; the runner refuses another.
        beam_options: such as `--runner=FlinkRunner`.
    """

    python: str
    workspace: str
    pipeline: str
    node: str
    code_version: str
    beam_options: tuple[str, ...] = ()

    def argv(
        self,
        run: str,
        parameters: Mapping[str, Any],
        result: PurePath,
        parent_pid: int | None = None,
    ) -> list[str]:
        """The command line of one try.

        Args:
            run: the run's name in ML Metadata, see run_name.
            parameters: value by name, JSON types.
            result: file into which the runner writes what came of it.
            parent_pid: process whose end ends the runner, too.
        """
        argv = [self.python, "-m", "pipelines.run_node"]
        argv += ["--pipeline", self.pipeline, "--node", self.node, "--run-id", run]
        # ASCII: a null character, which no argv can hold, travels escaped.
        argv += ["--parameters", json.dumps(dict(parameters), allow_nan=False)]
        argv += ["--workspace", self.workspace, "--code-version", self.code_version]
        argv += ["--result", str(result)]
        if parent_pid is not None:
            argv += ["--parent-pid", str(parent_pid)]
        if self.beam_options:
            argv += ["--", *self.beam_options]
        return argv


def run_name(pipeline: str, airflow_run_id: str) -> str:
    """A run's name in ML Metadata, where run ids of different pipelines share one namespace."""
    return f"{pipeline}.{airflow_run_id}"
