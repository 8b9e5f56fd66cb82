"""What DensitySampler takes and gives."""

from __future__ import annotations

from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec

from affectflow.balance.sampler import SamplerSettings
from components.artifacts import DensityGrids, FrameCounts
from components.density_sampler import executor
from components.parameters import exec_properties, execution_parameters


class DensitySamplerSpec(ComponentSpec):
    """Ports and parameters; SamplerSettings documents the latter."""

    PARAMETERS = {
        **execution_parameters(SamplerSettings),
    }
    INPUTS = {
        "frames": ChannelParameter(type=standard_artifacts.Examples),
        "counts": ChannelParameter(type=FrameCounts),
        "anomalies": ChannelParameter(type=standard_artifacts.ExampleAnomalies),
    }
    OUTPUTS = {
        "balanced": ChannelParameter(type=standard_artifacts.Examples),
        "grids": ChannelParameter(type=DensityGrids),
        "balanced_counts": ChannelParameter(type=FrameCounts),
    }


class DensitySampler(base_beam_component.BaseBeamComponent):
    """Balances the labelled training frames by density (paper 0, Sec. IV-B2).

    Refuses frames in which ExampleValidator found an anomaly: bad data stops here. The eval split
    passes unbalanced, labelled frames alone: a metric on a thinned split would flatter.

    Outputs:
        balanced: `frames` with labels, splits ``train`` (balanced) and ``eval``.
        grids: the density before and after, and what it was reckoned by.
        balanced_counts: every decoded frame by what became of it, in full.
    """

    SPEC_CLASS = DensitySamplerSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

    def __init__(
        self,
        frames: BaseChannel,
        counts: BaseChannel,
        anomalies: BaseChannel,
        sampler: SamplerSettings,
    ):
        """Wires the component to VideoExampleGen's and ExampleValidator's outputs."""
        super().__init__(
            DensitySamplerSpec(
                frames=frames,
                counts=counts,
                anomalies=anomalies,
                **exec_properties(sampler),
                balanced=Channel(type=standard_artifacts.Examples),
                grids=Channel(type=DensityGrids),
                balanced_counts=Channel(type=FrameCounts),
            )
        )
