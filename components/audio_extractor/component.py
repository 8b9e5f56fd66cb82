"""What AudioExtractor takes and gives."""

from __future__ import annotations

from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.audio_extractor import executor


class AudioExtractorSpec(ComponentSpec):
    """Ports and parameters."""

    PARAMETERS: dict[str, ExecutionParameter] = {}
    INPUTS = {"frames": ChannelParameter(type=standard_artifacts.Examples)}
    OUTPUTS = {"audio": ChannelParameter(type=standard_artifacts.Examples)}


class AudioExtractor(base_beam_component.BaseBeamComponent):
    """Describes the sound of every clip that has frames (paper 3, Sec. 3.2).

    Sound is read from the files that the frames were decoded from, by the paths that
    ``manifest.json`` beside the frames holds: the node must run where these paths lead to those
    files, as VideoExampleGen's did.

    Outputs:
        audio: `audio` (schemas/audio.pbtxt), splits ``train`` and ``eval``, a record a clip in the
            order of ``clips.json``; a clip without sound has a record without a vector.
    """

    SPEC_CLASS = AudioExtractorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

    def __init__(self, frames: BaseChannel):
        """Wires the component to VideoExampleGen's examples.

        Args:
            frames: all of VideoExampleGen's ``examples``, with ``clips.json`` and
                ``manifest.json``; DensitySampler's ``balanced`` has neither.
        """
        super().__init__(
            AudioExtractorSpec(
                frames=frames,
                audio=Channel(type=standard_artifacts.Examples),
            )
        )
