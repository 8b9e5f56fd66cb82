"""What VideoExampleGen takes and gives."""

from __future__ import annotations

from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.orchestration.data_types import RuntimeParameter
from tfx.types import standard_artifacts
from tfx.types.channel import Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from affectflow.corpora.adapter import CorpusSettings
from affectflow.faces.settings import FaceSettings
from components.artifacts import FrameCounts, Rejects
from components.parameters import Text, exec_properties, execution_parameters
from components.video_example_gen import driver, executor
from components.video_example_gen.settings import IngestSettings


class VideoExampleGenSpec(ComponentSpec):
    """Ports and parameters; the settings dataclasses document theirs."""

    PARAMETERS = {
        "corpus": ExecutionParameter(type=str),
        "corpus_root": ExecutionParameter(type=str),
        "store": ExecutionParameter(type=str),
        # Set by the driver when the node runs: the cache key must see what the folder holds.
        "manifest_digest": ExecutionParameter(type=str, optional=True),
        "retries": ExecutionParameter(type=int, optional=True),
        "retry_rejects": ExecutionParameter(type=int),
        **execution_parameters(CorpusSettings, FaceSettings, IngestSettings),
    }
    INPUTS: dict[str, ChannelParameter] = {}
    OUTPUTS = {
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "rejects": ChannelParameter(type=Rejects),
        "counts": ChannelParameter(type=FrameCounts),
    }


class VideoExampleGen(base_beam_component.BaseBeamComponent):
    """Decodes videos, finds, follows and aligns faces, and writes `frames` Examples.

    Outputs:
        examples: splits ``train`` and ``eval`` of `frames` (schemas/frames.pbtxt), every frame
            with a face, labelled or not; ``clips.json`` beside the splits says where each clip is.
        rejects: the clips that could not be used, with their causes.
        counts: decoded frames by what became of them, and the labels of those without a face.
    """

    SPEC_CLASS = VideoExampleGenSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)
    DRIVER_CLASS = driver.Driver

    def __init__(
        self,
        corpus: Text,
        corpus_root: Text,
        store: Text,
        corpus_settings: CorpusSettings,
        faces: FaceSettings,
        ingest: IngestSettings,
        retry_rejects: int | RuntimeParameter = 0,
    ):
        """Wires the component.

        Args:
            corpus: name of the corpus adapter.
            corpus_root: the corpus's folder.
            store: folder of the content-addressed store of faces.
            corpus_settings, faces, ingest: how to read, crop and write.
            retry_rejects: 1 = what was found of clips that were rejected is forgotten.
        """
        super().__init__(
            VideoExampleGenSpec(
                corpus=corpus,
                corpus_root=corpus_root,
                store=store,
                retry_rejects=retry_rejects,
                **exec_properties(corpus_settings, faces, ingest),
                examples=Channel(type=standard_artifacts.Examples),
                rejects=Channel(type=Rejects),
                counts=Channel(type=FrameCounts),
            )
        )
