"""The manifest of the corpus that an execution is asked to ingest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.listing import list_clips
from affectflow.corpora.manifest import Manifest, build_manifest
from affectflow.video.digest import DigestCache
from components.parameters import settings_from


def manifest_of(properties: Mapping[str, Any]) -> Manifest:
    """Lists and digests the corpus named by execution properties.

    Digests of unchanged files are remembered beside the store of faces, so only new or changed
    videos are read.

    Raises:
        InputError: the folder is not such a corpus, or a subject stands in two splits.
    """
    settings = settings_from(CorpusSettings, properties)
    clips = list_clips(properties["corpus"], Path(properties["corpus_root"]), settings)
    cache = DigestCache(Path(properties["store"], "digests.json"))
    manifest = build_manifest(clips, cache.digest)
    cache.save()
    return manifest
