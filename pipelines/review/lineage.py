"""Where a release came from, down to the videos, and what came of it: the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.review.facts import Headline, RunFacts
from pipelines.review.plain import plain

STARTED, COMPARED, SAME_DATA = ORDER = (
    "started from this release",
    "compared with this release",
    "trained on the same rebuild",
)
"""How a later run used something of a release."""


@dataclass(frozen=True)
class Thing:
    """A folder that a release came from.

    Attributes:
        name: what it is to the release.
        uri: where it is.
        exists: whether it is still there.
        digest: SHA-256 of its content when it was released; "" when not known.
        made_by, made_by_node: the run and its node that made it; "" when not known.
    """

    name: str
    uri: str
    exists: bool
    digest: str = ""
    made_by: str = ""
    made_by_node: str = ""


@dataclass(frozen=True)
class Video:
    """A clip of the corpus: what it is, where it lay, and SHA-256 of it and of its labels."""

    corpus: str
    video_id: str
    subject_id: str
    split: str
    source: str
    source_digest: str
    labels_digest: str


@dataclass(frozen=True)
class Use:
    """A later run that used something of the release.

    Attributes:
        how: STARTED, COMPARED, or SAME_DATA.
        release: number of the release that the run made; None when it made none.
    """

    how: str
    run_id: str
    state: str
    verdict: str
    release: int | None


@dataclass(frozen=True)
class Lineage:
    """Where a release came from and what came of it.

    Attributes:
        path: the release's folder.
        number: its number; None when not known.
        created: when it was published, UTC in ISO 8601; "" when not known.
        origin: ``trained`` or ``imported``.
        run_id: of the run, or import, that made it.
        code_version: of the code that made it.
        headline: of its evaluation.
        beside_score: what a reader of it must know; "" = nothing.
        verdict: the gate's lines.
        evaluation: the evaluation's folder; None where there was none.
        models: what its models are copies of.
        imported: of an imported release: the files that it was made of, by stage, and their source.
        started_from: the release whose weights training started from; None = new weights.
        rebuild_run: the rebuild that gave the data; "" for an imported release.
        rebuild: what is known of that run; None when nothing is.
        manifest: the folder with the list of videos; None for an imported release.
        corpus_digest: SHA-256 over videos and annotations.
        videos: every clip; empty when the list is gone.
        used_by: later runs, oldest first.
        problems: what cannot be read, and why.
    """

    path: str
    number: int | None
    created: str
    origin: str
    run_id: str
    code_version: str
    headline: Headline | None
    beside_score: str
    verdict: tuple[str, ...]
    evaluation: Thing | None
    models: tuple[Thing, ...]
    imported: Mapping[str, Any]
    started_from: Mapping[str, Any] | None
    rebuild_run: str
    rebuild: RunFacts | None
    manifest: Thing | None
    corpus_digest: str
    videos: tuple[Video, ...]
    used_by: tuple[Use, ...]
    problems: tuple[str, ...]

    def as_json(self, videos: int | None = None) -> dict[str, Any]:
        """Every field, and ``videos_total``, as plain JSON values.

        Args:
            videos: the first so many alone; None = all.
        """
        values = {**plain(self), "videos_total": len(self.videos)}
        values["videos"] = values["videos"][:videos]
        values["rebuild"] = self.rebuild.as_json() if self.rebuild else None
        return values
