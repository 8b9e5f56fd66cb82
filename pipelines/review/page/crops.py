"""A few faces as the models get them, small, within the page. Faces are personal data."""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affectflow.corpora.classes import TASKS
from affectflow.corpora.clip import SPLITS
from affectflow.plane import LABELS
from affectflow.records.shards import DamagedShards, shards
from pipelines.review.page.parts import Section, paragraph
from pipelines.review.profile import read_clips

if TYPE_CHECKING:
    from affectflow.records.clips import StoredClip

FACES, LONGEST, QUALITY = 12, 96, 80
"""How many are shown, pixels of the longer side, and of the JPEG."""

SETTING = "AFFECTFLOW_REPORT_PICTURES"


def pictures_wanted() -> bool:
    """Whether the pages that runs write by themselves may show faces.

    ``AFFECTFLOW_REPORT_PICTURES=0`` in the environment leaves all pictures of people out.
    """
    return os.environ.get(SETTING, "1").strip().lower() not in ("0", "no", "false", "off")


@dataclass(frozen=True)
class Example:
    """A face of a split: JPEG of at most LONGEST pixels, and what is known of it."""

    split: str
    jpeg: bytes
    words: str


def section(frames: str, pictures: bool) -> Section:
    """Faces from all over the corpus, of both splits.

    Args:
        frames: folder of the frames; "" when not known.
        pictures: False leaves them out and says so.
    """
    title = "Examples: faces as the model gets them"
    if not pictures:
        said = "Pictures are left out of this page, since faces are personal data."
        return Section("examples", title, paragraph(said))
    problems: list[str] = []
    found = list(_examples(frames, problems)) if frames else []
    body = "".join(map(_picture, found))
    parts = [f'<div class="faces">{body}</div>'] if body else []
    if found:
        parts.append(
            paragraph(
                "Faces are personal data: 'affectflow site --no-pictures' writes pages without "
                f"them, as runs do with {SETTING}=0."
            )
        )
    elif not problems:
        parts.append(paragraph("There are no faces yet."))
    parts += map(paragraph, problems)
    return Section("examples", title, "".join(parts))


def _picture(example: Example) -> str:
    data = base64.b64encode(example.jpeg).decode("ascii")
    words = html.escape(example.words)
    return (
        f'<figure><img src="data:image/jpeg;base64,{data}" alt="Face: {words}">'
        f"<figcaption>{words}</figcaption></figure>"
    )


def _examples(frames: str, problems: list[str]) -> Iterator[Example]:
    clips = read_clips(frames, problems)
    each = FACES // len(SPLITS)
    for split in SPLITS:
        mine = [clip for clip in clips if clip.split == split and clip.parts]
        try:
            files = shards(frames, split)
        except DamagedShards as error:
            problems.append(str(error))
            continue
        for clip in _spread(mine, each):
            try:
                yield _example(clip, files)
            except (OSError, ValueError, IndexError, KeyError) as error:
                if not problems:
                    problems.append(f"a face of {clip.video_id} cannot be shown ({error})")


def _spread(clips: Sequence[StoredClip], many: int) -> list[StoredClip]:
    """So many clips, of as many people as there are, from all over the list."""
    by_subject: dict[str, list[StoredClip]] = {}
    for clip in clips:
        by_subject.setdefault(clip.subject_id, []).append(clip)
    people = list(by_subject.values())
    if len(people) >= many:
        chosen = [people[i * len(people) // many] for i in range(many)]
        # The middle one of each: many corpora list people's clips by emotion.
        return [rows[(i * 7) % len(rows)] for i, rows in enumerate(chosen)]
    step = max(1, len(clips) // many)
    return list(clips[step // 2 :: step][:many])


def _example(clip: StoredClip, files: Sequence[Path]) -> Example:
    from affectflow.records.peek import peek_features, peek_records

    part = clip.parts[len(clip.parts) // 2]
    number = (part.start + part.stop) // 2
    record = peek_records(files[part.shard], [number])[number]
    features = peek_features(record)
    return Example(clip.split, _thumbnail(features["face"][0]), _words(clip, features))


def _thumbnail(encoded: Any) -> bytes:
    import cv2
    import numpy as np

    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("the face is not a picture that can be read")
    scale = LONGEST / max(image.shape[:2])
    if scale < 1:
        size = [max(1, round(side * scale)) for side in image.shape[1::-1]]
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    done, jpeg = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    if not done:
        raise ValueError("the face cannot be written as JPEG")
    return jpeg.tobytes()


def _words(clip: StoredClip, features: Mapping[str, Any]) -> str:
    said = [clip.split, clip.video_id, f"frame {features['frame_index'][0]}"]
    labels: list[Sequence[float]] = [features.get(name) or () for name in LABELS]
    if all(labels):
        said.append(f"valence {labels[0][0]:.2f}, arousal {labels[1][0]:.2f}")
    said += [features[task][0].decode(errors="replace") for task in TASKS if features.get(task)]
    return ", ".join(said)
