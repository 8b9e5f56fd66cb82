"""What is known of a run: one dataclass for a row of a list, one for everything.

Times are UTC. None, or an empty text or table, stands for what is not known; ``problems`` says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from affectflow.corpora.duplicates import Duplicates
from pipelines.review.plain import plain

STATES = ("running", "complete", "failed", "interrupted")
"""Of a run. ``interrupted``: neither at its end nor failed, and nothing works on it."""

NODE_STATES = (
    "run",
    "cached",
    "imported",
    "skipped",
    "failed",
    "running",
    "interrupted",
    "not begun",
)
"""Of a node. ``cached``: an earlier run's outputs were taken; ``imported``: an artifact of another
pipeline; ``skipped``: it ran well and did nothing to go on from, as a Pusher does on a refusal."""


MARK = "*"
"""Stands at a score where there is no room for ``RunFacts.beside_score``."""


@dataclass(frozen=True)
class Headline:
    """The one number that stands for an evaluation.

    Attributes:
        stage: the stage that the gate judged.
        metric: its name in ``summary.json``: ``ccc_mean``, or ``accuracy`` where classes were
            judged.
        value: None where it is not a number.
        low, high: 95 % interval; None where there is none.
        frames: evaluated frames.
    """

    stage: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    frames: int | None


@dataclass(frozen=True)
class RunFacts:
    """A row of the list of runs.

    Attributes:
        run_id: its name.
        pipeline: the pipeline's.
        recipe: the recipe's.
        kind: ``rebuild`` or ``release``; "" when not known.
        state: one of STATES.
        started: when it began.
        ended: the last that is recorded of it; None while it runs.
        duration_s: seconds from one to the other, or until now while it runs.
        corpus_digest: SHA-256 over videos and annotations.
        frames: split -> frames by what became of them (see affectflow.records.counts); a
            release's are those of its rebuild.
        headline: of the evaluation.
        beside_score: what a reader of a score on this data must know; "" = nothing.
        verdict: ``blessed`` or ``refused``; "" before the gate spoke, or without a gate.
        reasons: the gate's lines, of all checks.
        failures: those of the checks that did not pass.
        release: number of the release that it made; None when it made none.
        unchanged: that release was there already, with this very model.
        compared_with: number of the release that it was compared with.
        rebuild_run: the rebuild that a release trains on.
        started_from: the release whose weights training started from (see
            pipelines.start_release): ``release``, ``number``, ``origin``, ``digest``.
        code_version: of all the code.
        request: what it was asked for (see ``Request.as_json``).
        problems: what cannot be read, and why.
    """

    run_id: str
    pipeline: str = ""
    recipe: str = ""
    kind: str = ""
    state: str = "interrupted"
    started: datetime | None = None
    ended: datetime | None = None
    duration_s: float | None = None
    corpus_digest: str = ""
    frames: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    headline: Headline | None = None
    beside_score: str = ""
    verdict: str = ""
    reasons: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    release: int | None = None
    unchanged: bool = False
    compared_with: int | None = None
    rebuild_run: str = ""
    started_from: Mapping[str, Any] | None = None
    code_version: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def frames_kept(self) -> int | None:
        """Frames of all splits that models are trained, or evaluated, on."""
        return sum(row["kept"] for row in self.frames.values()) if self.frames else None

    @property
    def mark(self) -> str:
        """MARK where the run has a score that is not to be read by itself, else ""."""
        return MARK if self.headline and self.beside_score else ""

    def as_json(self) -> dict[str, Any]:
        """Every field, and ``frames_kept``, as plain JSON values."""
        return {**plain(self), "frames_kept": self.frames_kept}


@dataclass(frozen=True)
class ArtifactFacts:
    """Something that a node took or gave.

    Attributes:
        id: in ML Metadata.
        key: name of the input or output.
        type: the artifact type's name.
        uri: where it is.
        exists: whether it is still there.
        properties: its own and its custom ones.
        made_by: the run whose node made it; "" when not known.
        made_by_node: that node.
    """

    id: int
    key: str
    type: str
    uri: str
    exists: bool
    properties: Mapping[str, Any]
    made_by: str = ""
    made_by_node: str = ""


@dataclass(frozen=True)
class NodeFacts:
    """A node of a run, by its last attempt.

    Attributes:
        node: its id.
        state: one of NODE_STATES.
        started, ended, duration_s: of that attempt; None where it has none or has not ended.
        attempts: how often it was begun.
        execution_id: in ML Metadata; None before it began.
        inputs, outputs: its artifacts.
        properties: what it was told.
        why: why it was skipped, or failed where that is recorded; else "".
    """

    node: str
    state: str
    started: datetime | None = None
    ended: datetime | None = None
    duration_s: float | None = None
    attempts: int = 0
    execution_id: int | None = None
    inputs: tuple[ArtifactFacts, ...] = ()
    outputs: tuple[ArtifactFacts, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class RunDetail:
    """Everything that is known of a run.

    Attributes:
        facts: as in the list.
        nodes: in the order in which they began, then those not begun.
        data: what a release trains on (see pipelines.rebuild_data); {} for a rebuild.
        settings: group.field -> value, as the run used them: a release's settings of the data are
            its rebuild's.
        packages: name -> version.
        clips: ``listed``, ``used``, ``rejected`` by cause, ``noted`` and ``lost_pictures`` where
            there are any, ``duplicates`` and ``remarks``.
        rejects: a rebuild's rejected clips: video_id, split, cause and detail each.
        summary: ``summary.json`` of the evaluation (see affectflow.gate.summary); None without.
        histories: stage -> ``history.json`` of its training.
        report: path of the run's page; "" when there is none.
        log: path of what libraries logged, a pattern where a scheduler ran each node by itself; ""
            when there is none.
        hardware: of the machine where it began (see pipelines.hardware); {} when not known.
    """

    facts: RunFacts
    nodes: tuple[NodeFacts, ...]
    data: Mapping[str, Any]
    settings: Mapping[str, Any]
    packages: Mapping[str, str]
    clips: Mapping[str, Any]
    rejects: tuple[Mapping[str, Any], ...]
    summary: Mapping[str, Any] | None
    histories: Mapping[str, Mapping[str, Any]]
    report: str = ""
    log: str = ""
    hardware: Mapping[str, Any] = field(default_factory=dict)

    @property
    def duplicates(self) -> Duplicates | None:
        """Equal clips among the data; None where they were not counted."""
        return Duplicates.from_json(self.clips.get("duplicates"))

    @property
    def beside_score(self) -> str:
        """See ``RunFacts``."""
        return self.facts.beside_score

    def as_json(self) -> dict[str, Any]:
        """Every field as plain JSON values."""
        return {**plain(self), "facts": self.facts.as_json()}
