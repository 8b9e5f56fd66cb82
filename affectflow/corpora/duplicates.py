"""Clips that show the same, crop by crop: within a split, across the two, and with other labels.

A model that was trained on what it is then measured on reports more than it can do. FER2013's
training part holds hundreds of images of its own test parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from affectflow.corpora.clip import SPLITS
from affectflow.corpora.remarks import EXAMPLES

CAUSE = "duplicate"
"""Why a training clip that is left out is not used (``RejectedClip.CAUSES``)."""

_TRAIN, _EVAL = SPLITS


@dataclass(frozen=True)
class ClipContent:
    """What a clip shows and says.

    Attributes:
        video_id, split: the clip; no mirrored copy, for these are made here.
        content: digest of its crops (``StoredFaces.content``).
        labels: digest of what is annotated; "" = nothing is.
    """

    video_id: str
    split: str
    content: str
    labels: str


@dataclass(frozen=True)
class Duplicates:
    """Equal clips, counted.

    Attributes:
        clips: split -> how many were looked at.
        repeated: split -> how many show what another of the split shows, the first aside.
        shared: split -> how many show what a clip of the other split shows.
        relabelled: how many pictures or videos stand there with different labels.
        dropped: how many training clips are left out because they are shared.
        examples: ``repeated``, ``shared`` (training clip first) and ``relabelled`` -> a few pairs.
    """

    clips: Mapping[str, int]
    repeated: Mapping[str, int]
    shared: Mapping[str, int]
    relabelled: int
    dropped: int = 0
    examples: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(sum(self.repeated.values()) or sum(self.shared.values()))

    def as_json(self) -> dict[str, Any]:
        """Every field as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Any) -> Duplicates | None:
        """The inverse of ``as_json``; None for anything else, as of rebuilds that did not count."""
        try:
            return cls(
                clips={split: int(values["clips"][split]) for split in SPLITS},
                repeated={split: int(values["repeated"][split]) for split in SPLITS},
                shared={split: int(values["shared"][split]) for split in SPLITS},
                relabelled=int(values["relabelled"]),
                dropped=int(values["dropped"]),
                examples={
                    str(name): tuple((str(a), str(b)) for a, b in pairs)
                    for name, pairs in values["examples"].items()
                },
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def told(self) -> list[str]:
        """What there is to say, a sentence each; one that there are none."""
        if not self.any:
            return ["no two clips show the same"]
        said = []
        if self.shared[_TRAIN]:
            kept = f"the {self.dropped:,} are left out" if self.dropped else "they are kept"
            said.append(
                f"{self.shared[_TRAIN]:,} of {self.clips[_TRAIN]:,} training clips show what "
                f"{self.shared[_EVAL]:,} of {self.clips[_EVAL]:,} clips for evaluation show; "
                f"{kept}{self._such_as('shared')}"
            )
        if sum(self.repeated.values()):
            said.append(
                f"{self.repeated[_TRAIN]:,} training clips and {self.repeated[_EVAL]:,} clips for "
                f"evaluation repeat another of their split{self._such_as('repeated')}"
            )
        if self.relabelled:
            said.append(
                f"{self.relabelled:,} that stand several times are labelled differently"
                f"{self._such_as('relabelled')}"
            )
        return said

    def beside_score(self) -> str:
        """What a reader of a score must know; "" = nothing."""
        if not self.shared[_EVAL] or self.dropped:
            return ""
        return (
            f"{self.shared[_EVAL]:,} of the {self.clips[_EVAL]:,} clips for evaluation are equal "
            "to training clips"
        )

    def _such_as(self, name: str) -> str:
        pairs = self.examples.get(name, ())
        return f" (such as {' and '.join(pairs[0])})" if pairs else ""


def find_duplicates(clips: Iterable[ClipContent]) -> tuple[Duplicates, dict[str, str]]:
    """Counts equal clips.

    Returns:
        the counts, with nothing dropped; and the training clips that show what a clip for
        evaluation shows -> one of these.
    """
    groups: dict[str, list[ClipContent]] = defaultdict(list)
    counts = dict.fromkeys(SPLITS, 0)
    for clip in clips:
        groups[clip.content].append(clip)
        counts[clip.split] += 1
    repeated, shared = dict.fromkeys(SPLITS, 0), dict.fromkeys(SPLITS, 0)
    pairs: dict[str, list[tuple[str, str]]] = {"shared": [], "repeated": [], "relabelled": []}
    in_eval: dict[str, str] = {}
    for group in groups.values():
        by_split = {split: [c for c in group if c.split == split] for split in SPLITS}
        train, held_out = by_split[_TRAIN], by_split[_EVAL]
        for split, same in by_split.items():
            if len(same) > 1:
                repeated[split] += len(same) - 1
                pairs["repeated"].append((same[0].video_id, same[1].video_id))
        if train and held_out:
            shared[_TRAIN] += len(train)
            shared[_EVAL] += len(held_out)
            pairs["shared"].append((train[0].video_id, held_out[0].video_id))
            in_eval |= {clip.video_id: held_out[0].video_id for clip in train}
        # The first clip of each label, in order.
        labelled = list({c.labels: c.video_id for c in reversed(group) if c.labels}.values())[::-1]
        if len(labelled) > 1:
            pairs["relabelled"].append((labelled[0], labelled[1]))
    found = Duplicates(
        counts,
        repeated,
        shared,
        len(pairs["relabelled"]),
        examples={name: tuple(some[:EXAMPLES]) for name, some in pairs.items()},
    )
    return found, in_eval
