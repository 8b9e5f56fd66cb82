"""TFX's StatisticsGen with an executor of our own."""

from __future__ import annotations

from tfx.components.statistics_gen import component
from tfx.dsl.components.base import executor_spec

from components.statistics_gen.executor import Executor


class StatisticsGen(component.StatisticsGen):
    """Takes and gives what TFX's does; fails where its statistics are not of all frames."""

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
