"""What a node gave is sealed: its files are listed with digests, and whoever takes it checks them.

The list stands beside the artifact, and its own digest is a property of the artifact in ML
Metadata. A shard that was deleted, or a byte that changed, would otherwise give another model with
a lineage that looks whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from tfx.types.artifact import Artifact

from affectflow.errors import AffectflowError, first_few
from affectflow.files import whole_file
from affectflow.release.tree import FileEntry, entries_digest, tree_entries
from pipelines.moved import local_path

FILES_DIGEST = "files_digest"
"""Custom property of an artifact: one SHA-256 over the names and contents of its files."""

_SHOWN = 3


class DamagedFiles(AffectflowError):
    """An artifact's files are not those that its node gave."""

    retry = False


def seal(uri: str) -> str:
    """Lists the files of an artifact beside it.

    Returns:
        what its ``FILES_DIGEST`` is.
    """
    entries = tree_entries(Path(local_path(uri)))
    listing = _listing(uri)
    listing.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(listing) as part:
        text = json.dumps({name: asdict(entry) for name, entry in entries.items()}, indent=0)
        part.write_text(text + "\n", encoding="utf-8")
    return entries_digest(entries)


def check_seal(artifact: Artifact) -> None:
    """Reads all files of an artifact and holds them against what was recorded.

    What an earlier version made has no seal, and passes.

    Raises:
        DamagedFiles: naming files, and what would do.
    """
    recorded = artifact.get_string_custom_property(FILES_DIGEST)
    if not recorded:
        return
    found = tree_entries(Path(local_path(artifact.uri)))
    if entries_digest(found) == recorded:
        return
    listed = _listed(artifact.uri)
    # Without a list that fits, it cannot be told which file it is.
    named = _differences(listed, found) if entries_digest(listed) == recorded else []
    maker = artifact.producer_component or "its node"
    raise DamagedFiles(
        f"{local_path(artifact.uri)} is not as {maker} gave it:"
        f" {first_few(named, _SHOWN, '; ') or 'its files have other content'}. Nothing is made of"
        f" it. Start another run, of the rebuild first if {maker} is of one: it is made anew"
    )


def unseal(uri: str) -> None:
    """Removes the list of an artifact that is given up."""
    _listing(uri).unlink(missing_ok=True)


def _differences(listed: Mapping[str, FileEntry], found: Mapping[str, FileEntry]) -> list[str]:
    said = []
    for name in sorted({*listed, *found}):
        then, now = listed.get(name), found.get(name)
        if then is None:
            said.append(f"{name} was not there")
        elif now is None:
            said.append(f"{name} is missing")
        elif now.bytes != then.bytes:
            said.append(f"{name} has {now.bytes} bytes, not {then.bytes}")
        elif now != then:
            said.append(f"{name} has other content")
    return said


def _listing(uri: str) -> Path:
    """Hidden, so that nobody takes it for an artifact."""
    path = Path(local_path(uri))
    return path.with_name(f".{path.name}.files.json")


def _listed(uri: str) -> dict[str, FileEntry]:
    try:
        values = json.loads(_listing(uri).read_text(encoding="utf-8"))
        return {name: FileEntry(**entry) for name, entry in values.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
