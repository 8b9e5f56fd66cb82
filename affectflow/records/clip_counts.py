"""How many records each clip has in an Examples artifact: what one node gives, the next must find.

A runner that loses elements, or repeats them, ends well. So every node counts by clip what came out
and holds it against what went in, and fails where they differ; ``clip_counts.json``, beside the
splits, is what the next node holds its own counts against.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from affectflow.corpora.clip import ClipKey
from affectflow.errors import AffectflowError, InputError, first_few
from affectflow.records.clips import StoredClip

CLIP_COUNTS_FILE = "clip_counts.json"
_SHOWN = 5


ClipCounts = Mapping[ClipKey, int]

ClipRow = tuple[str, str, str, int]
"""(split, corpus, video_id, records): how a worker tells of a clip."""


class LostRecords(AffectflowError):
    """What came out of a node is not what went in; the message is what differs."""

    def __str__(self) -> str:
        """What differs and what would do."""
        return (
            f"{super().__str__()}; run again, and if it happens again with another --runner or"
            " --direct_num_workers=1"
        )


def counted(rows: Iterable[Sequence]) -> Counter[ClipKey]:
    """The sum of some ``ClipRow``s, or of lists as JSON makes of them; those of one clip add up."""
    counts: Counter[ClipKey] = Counter()
    for split, corpus, video_id, records in rows:
        counts[ClipKey(split, corpus, video_id)] += records
    return counts


def counts_of(clips: Iterable[StoredClip]) -> Counter[ClipKey]:
    """What an artifact holds whose ``clips.json`` says where each clip is."""
    return counted((*clip.key, part.stop - part.start) for clip in clips for part in clip.parts)


def of_split(counts: ClipCounts, split: str) -> Counter[ClipKey]:
    """The clips of one split alone."""
    return Counter({clip: records for clip, records in counts.items() if clip.split == split})


def reconcile(what: str, expected: ClipCounts, found: ClipCounts) -> None:
    """Makes sure that every clip has as many records as it should; one of none may be absent.

    Args:
        what: what was counted, for the message: "features".

    Raises:
        LostRecords: naming the clips with both counts.
    """
    names = sorted(expected.keys() | found.keys())
    differ = [name for name in names if expected.get(name, 0) != found.get(name, 0)]
    if not differ:
        return
    said = [f"{name}: {found.get(name, 0)} of {expected.get(name, 0)}" for name in differ]
    shown = first_few(said, _SHOWN, "; ")
    raise LostRecords(
        f"{what} of {len(differ)} of {len(names)} clips are not what went in: {shown}. The"
        " runner lost or repeated records, and nothing is published"
    )


def save_clip_counts(examples_uri: str | Path, counts: ClipCounts) -> None:
    """Writes ``clip_counts.json`` beside the splits; equal counts give equal bytes."""
    rows = [[*name, counts[name]] for name in sorted(counts)]
    text = json.dumps(rows, indent=0, ensure_ascii=False)
    Path(examples_uri, CLIP_COUNTS_FILE).write_text(text + "\n", encoding="utf-8")


def load_clip_counts(examples_uri: str | Path) -> Counter[ClipKey]:
    """The inverse of :func:`save_clip_counts`.

    Raises:
        InputError: there is no such file, as in what earlier versions made.
    """
    try:
        text = Path(examples_uri, CLIP_COUNTS_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(
            f"{examples_uri} has no {CLIP_COUNTS_FILE}, so it cannot be known whether it is whole;"
            " an earlier version made it, and made anew it would do"
        ) from None
    return counted(json.loads(text))
