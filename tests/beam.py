"""Options of Beam for executors that a test calls itself."""

from __future__ import annotations

from pipelines.beam import IN_PROCESS

# Without a runner Beam would choose one that is to be downloaded. Without an image TFX packs all of
# itself for workers elsewhere, seconds for every executor that is built. TFX adds to a list.
BEAM = (f"--runner={IN_PROCESS}", "--sdk_container_image=affectflow-worker")
