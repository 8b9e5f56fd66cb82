"""Looks at the corpus before VideoExampleGen runs, so that the cache sees what changed."""

from __future__ import annotations

from tfx.dsl.components.base import base_driver
from tfx.orchestration import metadata
from tfx.orchestration.portable import base_driver as portable_base_driver
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import driver_output_pb2

from components.video_example_gen.manifest import manifest_of


class Driver(base_driver.BaseDriver, portable_base_driver.BaseDriver):
    """Puts the digest of the corpus's manifest into the execution's properties.

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
        digest = manifest_of(execution_info.exec_properties).digest()
        output.exec_properties["manifest_digest"].string_value = digest
        return output
