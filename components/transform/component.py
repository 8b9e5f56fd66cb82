"""TFX's Transform with an executor of our own."""

from __future__ import annotations

from tfx.components.transform import component
from tfx.dsl.components.base import executor_spec

from components.transform.executor import Executor


class Transform(component.Transform):
    """Takes and gives what TFX's does; fails where a frame did not come through, or twice."""

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
