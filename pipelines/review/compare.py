"""Two runs side by side: data, settings, versions and metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.node_names import DENSITY_SAMPLER
from pipelines.review.documents import number, table
from pipelines.review.facts import RunDetail
from pipelines.review.plain import flat, plain

SECTIONS = ("outcome", "data", "settings", "versions", "metrics")


@dataclass(frozen=True)
class Row:
    """One thing of two runs.

    Attributes:
        section: one of SECTIONS.
        name: of the thing.
        a, b: its values; None where a run does not have it.
        differs: whether they are not the same.
        change: b less a, of a metric that both have.
    """

    section: str
    name: str
    a: Any
    b: Any
    differs: bool
    change: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side.

    Attributes:
        a, b: names of the runs.
        rows: by section, in the order of SECTIONS.
        notes: what to know when reading them, e.g. that the metrics are not of the same frames.
        beside_scores: what a reader of the metrics of a, and of b, must know; "" = nothing.
    """

    a: str
    b: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    beside_scores: tuple[str, str]

    def as_json(self) -> dict[str, Any]:
        """Every field as plain JSON values."""
        return plain(self)


def compare_runs(a: RunDetail, b: RunDetail) -> Comparison:
    """The values of both runs, by name; whatever one of them has stands there."""
    rows: list[Row] = []
    for section, of in (
        ("outcome", _outcome),
        ("data", _data),
        ("settings", _settings),
        ("versions", _versions),
        ("metrics", _metrics),
    ):
        left, right = of(a), of(b)
        if section == "settings" and a.facts.kind != b.facts.kind:
            # What only one kind of pipeline has does not differ.
            common = left.keys() & right.keys()
            left, right = ({k: row[k] for k in row if k in common} for row in (left, right))
        rows += _rows(section, left, right)
    beside = (a.beside_score if a.summary else "", b.beside_score if b.summary else "")
    return Comparison(a.facts.run_id, b.facts.run_id, tuple(rows), tuple(_notes(a, b)), beside)


def _rows(section: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Row]:
    # In the order of the one that has more, with what only the other has after it.
    first, second = (a, b) if len(a) >= len(b) else (b, a)
    for name in dict.fromkeys([*first, *second]):
        left, right = plain(a.get(name)), plain(b.get(name))
        change = None
        if section == "metrics" and number(left) is not None and number(right) is not None:
            change = right - left
        yield Row(section, name, left, right, left != right, change)


def _outcome(run: RunDetail) -> dict[str, Any]:
    facts = run.facts
    found: dict[str, Any] = {"pipeline": facts.pipeline, "state": facts.state}
    if facts.kind == "release":
        found |= {"verdict": facts.verdict or None, "release": facts.release}
    return found


def _data(run: RunDetail) -> dict[str, Any]:
    facts = run.facts
    found: dict[str, Any] = {"corpus digest": facts.corpus_digest or None}
    if facts.kind == "release":
        found["rebuild run"] = facts.rebuild_run or None
        found["balanced digest"] = run.data.get("digest")
    else:
        found["folder"] = facts.request.get("data") or None
        found["balanced digest"] = next(
            (
                artifact.properties.get("content_digest")
                for node in run.nodes
                for artifact in node.outputs
                if node.node == DENSITY_SAMPLER and artifact.key == "balanced"
            ),
            None,
        )
    found |= {f"clips {name}": run.clips.get(name) for name in ("listed", "used") if run.clips}
    for split, row in facts.frames.items():
        found |= {f"{split} {name.replace('_', ' ')}": count for name, count in row.items()}
    return found


def _settings(run: RunDetail) -> dict[str, Any]:
    started = run.facts.started_from or {}
    found = dict(run.settings)
    if run.facts.kind == "release":
        # By what it holds: the same release may lie elsewhere.
        found["start_from"] = started.get("digest")
        found["fail_on_refusal"] = run.facts.request.get("fail_on_refusal")
    return found


def _versions(run: RunDetail) -> dict[str, Any]:
    return {"code": run.facts.code_version or None, **run.packages}


def _metrics(run: RunDetail) -> dict[str, Any]:
    summary = run.summary or {}
    scores = {
        name: value
        for name, value in flat(table(summary.get("stages"))).items()
        if value is None or number(value) is not None
    }
    evaluated = {"frames": summary.get("frames"), "digest": summary.get("digest")}
    return {**evaluated, **scores} if scores else {}


def _notes(a: RunDetail, b: RunDetail) -> Iterator[str]:
    if a.facts.kind != b.facts.kind:
        kinds = (run.facts.kind or "run" for run in (a, b))
        yield f"a {' and a '.join(kinds)} have the settings of the data in common, no others"
    if a.summary and b.summary and a.summary.get("digest") != b.summary.get("digest"):
        yield "the metrics were measured on different frames, so their difference tells little"
    for run in (a, b):
        yield from (f"{run.facts.run_id}: {problem}" for problem in run.facts.problems)
