"""Looks at the corpus before VideoExampleGen runs, so that the cache sees what changed."""

from __future__ import annotations

from tfx.dsl.components.base import base_driver
from tfx.orchestration import metadata
from tfx.orchestration.portable import base_driver as portable_base_driver
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import driver_output_pb2

from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from components.parameters import settings_from
from components.video_example_gen.manifest import manifest_of
from components.video_example_gen.retries import forget_rejects, retries, try_again


class Driver(base_driver.BaseDriver, portable_base_driver.BaseDriver):
    """Puts what the folder holds, and whether to try again, into the execution's properties.

    TFX's cache key is made of inputs and properties. A folder of videos is neither: without this,
    a nightly rebuild would be served last night's frames.
    """

    # A component's DRIVER_CLASS must be the first kind; what the launcher calls is the second.
    def __init__(self, mlmd_connection: metadata.Metadata):
        base_driver.BaseDriver.__init__(self, mlmd_connection)
        portable_base_driver.BaseDriver.__init__(self, mlmd_connection)

    def run(self, execution_info: data_types.ExecutionInfo) -> driver_output_pb2.DriverOutput:
        """Lists the corpus and digests what is new; see the executor for the errors."""
        output = driver_output_pb2.DriverOutput()
        properties = execution_info.exec_properties
        manifest = manifest_of(properties)
        if properties["retry_rejects"]:
            faces = settings_from(FaceSettings, properties)
            forget_rejects(FaceStore(properties["store"]), faces, manifest)
            try_again(properties["store"], manifest)
        output.exec_properties["manifest_digest"].string_value = manifest.digest()
        output.exec_properties["retries"].int_value = retries(properties["store"], manifest)
        # That this build was asked to try again makes it no other than the one after it.
        output.exec_properties["retry_rejects"].int_value = 0
        return output
