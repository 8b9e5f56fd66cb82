"""The list of runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from affectflow.corpora.duplicates import Duplicates
from affectflow.files import file_name
from affectflow.release.folder import MANIFEST, METRICS_FILE, SUMMARY_FILE
from affectflow.release.tree import FileEntry
from pipelines.moved import pipeline_of
from pipelines.node_names import (
    BASELINE_PREDICTOR,
    DENSITY_SAMPLER,
    EVALUATOR,
    PUSHER,
    VIDEO_EXAMPLE_GEN,
)
from pipelines.review.alive import is_alive, newest_of_commands
from pipelines.review.begun import Begun, begun_runs
from pipelines.review.documents import GONE, Counts, read_object, table, texts
from pipelines.review.evaluation import headline
from pipelines.review.facts import Headline, RunFacts
from pipelines.review.states import DONE, LAST, has_ended, kind_of, node_of, run_state
from pipelines.review.store import Execution, Link, Store, properties
from pipelines.run_record import RunRecord
from pipelines.workspace import Workspace

# As many runs are looked at together, so that a list of a few does not read all.
_BATCH = 100
# The nodes whose outputs a row is made of.
_TELLING = {VIDEO_EXAMPLE_GEN, DENSITY_SAMPLER, BASELINE_PREDICTOR, EVALUATOR, PUSHER}
_ENDING = _TELLING | set(LAST.values())


@dataclass(frozen=True)
class Sources:
    """What the facts of runs are read from.

    Attributes:
        runs: all, newest first.
        pipelines: names of all that have run.
        counts: accounts of frames read so far.
        of_commands: folder of the newest run that a command, not a scheduler, has begun.
        looked_up: run's context -> executions of the nodes that a row is made of, where those of
            all runs were asked for together.
        ended: name of a run on which nothing works any more, although whoever asks still holds its
            lock; "" = none.
    """

    workspace: Workspace
    store: Store
    runs: Sequence[Begun]
    pipelines: Sequence[str]
    counts: Counts
    of_commands: Path | None
    looked_up: Mapping[int, Sequence[Execution]] = field(default_factory=dict)
    ended: str = ""

    @classmethod
    def of(cls, workspace: Workspace, store: Store, ended: str = "") -> Sources:
        """Looks which runs there are."""
        runs = begun_runs(workspace, store)
        newest = newest_of_commands(run.folder for run in runs)
        return cls(workspace, store, runs, store.pipelines(), Counts(), newest, ended=ended)


@dataclass(frozen=True)
class Found:
    """A run with what was looked up for it.

    Attributes:
        executions: oldest first.
        outputs: (node, key) -> artifacts' link, of the nodes that tell something.
        summary: of its evaluation.
    """

    begun: Begun
    record: RunRecord | None
    pipeline: str
    executions: Sequence[Execution] = ()
    outputs: dict[tuple[str, str], Link] = field(default_factory=dict)
    facts: RunFacts = field(default_factory=lambda: RunFacts(""))
    summary: dict[str, Any] | None = None
    clips: dict[str, Any] = field(default_factory=dict)


def read_runs(
    workspace: Workspace,
    store: Store,
    limit: int | None = None,
    recipe: str = "",
    state: str = "",
) -> list[RunFacts]:
    """The runs of a workspace, newest first.

    Whatever is gone or damaged is said in a run's ``problems``; it keeps no other run away.

    Args:
        limit: that many at most; None = all.
        recipe, state: only those; "" = any.

    Raises:
        InputError: ML Metadata's store cannot be read.
    """
    return list_runs(Sources.of(workspace, store), limit, recipe, state)


def list_runs(
    sources: Sources, limit: int | None = None, recipe: str = "", state: str = ""
) -> list[RunFacts]:
    """The same, from what was opened before."""
    wanted = len(sources.runs) if state or limit is None else limit
    if min(wanted, len(sources.runs)) > _BATCH:
        sources = replace(sources, looked_up=sources.store.executions_of(_ENDING))
    found: list[RunFacts] = []
    for run in _looked_up(sources, sources.runs, limit if not (recipe or state) else None, recipe):
        if state in ("", run.facts.state):
            found.append(run.facts)
            if limit is not None and len(found) >= limit:
                break
    return found


def look_up(sources: Sources, run: Begun) -> Found:
    """One run with all that its row is made of."""
    return next(_looked_up(sources, [run], None, ""))


def _looked_up(
    sources: Sources, runs: Sequence[Begun], limit: int | None, recipe: str
) -> Iterator[Found]:
    size = _BATCH if limit is None else max(1, min(limit, _BATCH))
    for first in range(0, len(runs), size):
        batch = []
        for run in runs[first : first + size]:
            found = _told(sources, run)
            if recipe in ("", found.facts.recipe):
                batch.append(found)
        yield from _with_outcome(sources, batch)


def _told(sources: Sources, run: Begun) -> Found:
    """What the run was told, and its executions."""
    record, problem = run.record()
    problems = [problem] if problem else []
    executions: Sequence[Execution] = ()
    if run.context_id is None:
        problems.append("ML Metadata does not know the run: none of its nodes has begun")
    else:
        executions = sources.looked_up.get(run.context_id, ())
        if not has_ended(executions):
            # Where it stands, only all of its nodes tell.
            executions = sources.store.executions(run.context_id)
    pipeline = record.pipeline if record else _pipeline_of(sources, run.run_id, executions)
    request = table(record.request) if record else {}
    recipe = table(request.get("recipe")).get("name")
    data = record.data or {} if record else {}
    facts = RunFacts(
        run_id=run.run_id,
        pipeline=pipeline,
        recipe=str(recipe) if recipe else pipeline.rpartition("_")[0],
        kind=kind_of(pipeline),
        started=run.started,
        corpus_digest=str(data.get("corpus_digest") or ""),
        rebuild_run=str(data.get("run_id") or ""),
        started_from=_started_from(record),
        code_version=record.code_version if record else "",
        request=request,
        problems=tuple(problems),
    )
    return Found(run, record, pipeline, executions, facts=facts)


def _pipeline_of(sources: Sources, run_id: str, executions: Sequence[Execution]) -> str:
    """Of a run without a record: as its name has it, or else as ML Metadata has it."""
    named = pipeline_of(run_id)
    if named in sources.pipelines or not executions:
        return named if kind_of(named) else ""
    return sources.store.place(executions[0].id).pipeline


def _started_from(record: RunRecord | None) -> dict[str, Any] | None:
    if record is None or record.start is None:
        return None
    return {name: record.start.get(name) for name in ("release", "number", "origin", "digest")}


def _with_outcome(sources: Sources, batch: Sequence[Found]) -> Iterator[Found]:
    """Adds what came of the runs; of all of them ML Metadata is asked at once."""
    telling = {
        execution.id: (place, node_of(execution))
        for place, run in enumerate(batch)
        for execution in run.executions
        if execution.last_known_state in DONE and node_of(execution) in _TELLING
    }
    for link in sorted(sources.store.links(telling), key=lambda link: link.execution_id):
        if link.is_output:
            place, node = telling[link.execution_id]
            batch[place].outputs[node, link.key] = link
    for run in batch:
        yield _outcome(sources, run)


def _outcome(sources: Sources, run: Found) -> Found:
    problems = list(run.facts.problems)
    examples = _uri(run, VIDEO_EXAMPLE_GEN, "examples")

    def alive() -> bool:
        if run.begun.run_id == sources.ended:
            return False
        newest = run.begun.folder == sources.of_commands
        return is_alive(sources.workspace, run.begun.folder, newest)

    state = run_state(run.facts.kind, run.executions, alive, examples)
    summary = _summary(sources, run, problems)
    frames, clips = _frames(sources, run, problems)
    equal = Duplicates.from_json(clips.get("duplicates"))
    ingested = _property(run, VIDEO_EXAMPLE_GEN, "examples", "manifest_digest")
    verdict = table(summary.get("verdict")) if summary else {}
    compared = _property(run, BASELINE_PREDICTOR, "predictions", "release")
    facts = replace(
        run.facts,
        state=state,
        **_times(run, state),
        corpus_digest=run.facts.corpus_digest or str(ingested or ""),
        frames=frames,
        headline=_headline(summary),
        beside_score=equal.beside_score() if equal else "",
        reasons=texts(verdict.get("reasons")),
        failures=texts(verdict.get("failures")),
        compared_with=compared if isinstance(compared, int) and compared else None,
        **_verdict(run, verdict, problems),
    )
    facts = replace(facts, problems=tuple(problems))
    return replace(
        run, facts=replace(facts, problems=tuple(problems)), summary=summary, clips=clips
    )


def _times(run: Found, state: str) -> dict[str, Any]:
    started = run.begun.started
    ended = max((e.last_update_time_since_epoch for e in run.executions), default=0)
    last = datetime.fromtimestamp(ended / 1000, UTC) if ended else None
    until = datetime.now(UTC) if state == "running" else last
    duration = (until - started).total_seconds() if started and until else None
    return {"ended": None if state == "running" else last, "duration_s": duration}


def _summary(sources: Sources, run: Found, problems: list[str]) -> dict[str, Any] | None:
    """The evaluation's; where it is gone, the copy that the release or the refusal has."""
    folder = _uri(run, EVALUATOR, "evaluation")
    if not folder:
        return None
    summary, problem = read_object(Path(folder, SUMMARY_FILE))
    if summary is not None:
        return summary
    problems.append(problem)
    pushed = str(_property(run, PUSHER, "pushed_model", "pushed_destination") or "")
    if pushed:
        return read_object(Path(pushed, METRICS_FILE))[0]
    refused = sources.workspace.releases / "refused" / f"{file_name(run.begun.run_id)}.json"
    metrics = (read_object(refused)[0] or {}).get("metrics")
    return metrics if isinstance(metrics, dict) else None


def _headline(summary: dict[str, Any] | None) -> Headline | None:
    return headline(summary) if summary else None


def _frames(
    sources: Sources, run: Found, problems: list[str]
) -> tuple[dict[str, dict[str, int]], dict[str, Any]]:
    data = run.record.data if run.record else None
    folder = (
        str((data or {}).get("counts") or "")
        or _uri(run, DENSITY_SAMPLER, "balanced_counts")
        or _uri(run, VIDEO_EXAMPLE_GEN, "counts")
    )
    if not folder:
        return {}, {}
    frames, clips, problem = sources.counts.of(folder)
    if problem:
        problems.append(problem)
    return frames, clips


def _verdict(run: Found, verdict: Any, problems: list[str]) -> dict[str, Any]:
    pushed = run.outputs.get((PUSHER, "pushed_model"))
    told = properties(pushed.artifact) if pushed else {}
    blessed = told.get("pushed")
    if blessed is None:
        blessed = verdict.get("blessed")
    if blessed is None:
        blessed = _property(run, EVALUATOR, "blessing", "blessed")
    if blessed is None:
        return {"verdict": ""}
    if not told.get("pushed"):
        return {"verdict": "blessed" if blessed else "refused"}
    version, folder = str(told.get("pushed_version")), str(told.get("pushed_destination"))
    if not os.path.isdir(folder):
        problems.append(f"release {folder} is gone: {GONE}")
    elif problem := _rewritten(Path(folder, MANIFEST), str(told.get("manifest_digest", ""))):
        problems.append(problem)
    return {
        "verdict": "blessed",
        "release": int(version) if version.isdecimal() else None,
        "unchanged": bool(told.get("unchanged")),
    }


def _rewritten(manifest: Path, recorded: str) -> str:
    """What is wrong with a release's list of its files, which ML Metadata has the digest of."""
    if not recorded:
        return ""  # published by an earlier version
    try:
        found = FileEntry.of(manifest).sha256
    except OSError as error:
        return f"{manifest} cannot be read ({error.strerror})"
    return "" if found == recorded else f"{manifest} is not as it was published"


def _uri(run: Found, node: str, key: str) -> str:
    link = run.outputs.get((node, key))
    return str(link.artifact.uri) if link else ""


def _property(run: Found, node: str, key: str, name: str) -> Any:
    link = run.outputs.get((node, key))
    return properties(link.artifact).get(name) if link else None
