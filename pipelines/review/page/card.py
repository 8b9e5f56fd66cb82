"""The model card: what the model is for, what it was made and measured on, and its limits.

After Mitchell et al. 2019, "Model Cards for Model Reporting".
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from affectflow.corpora.classes import EXPRESSION
from pipelines.review.documents import number as a_number
from pipelines.review.documents import table as an_object
from pipelines.review.facts import RunDetail
from pipelines.review.page.parts import Number, Section, items, paragraph, table
from pipelines.review.page.words import METRICS, count, counted, number, outcome
from pipelines.review.profile import DataProfile

_USE = (
    "Research on how facial expressions are read from video: a value of valence (unpleasant to "
    "pleasant) and arousal (calm to excited) a frame, or a class of expression.",
    "It says how annotators would rate what a face shows. It does not say what a person feels, "
    "thinks or intends.",
)
_NOT = (
    "Decisions about people: hiring, schooling, insurance, credit, policing, borders, health.",
    "Watching people who do not know of it or have not agreed.",
    "Faces, cameras, cultures and ages that are not in the data below.",
)
_LIMITS = (
    "Bias by groups of people (gender, age, skin, culture) was not measured; the spread by subject "
    "below is no substitute.",
    "Annotations are the opinions of a few annotators. An error in them is learnt.",
    "Corpora of faces are given for research under their owners' licences, mostly not for trade "
    "and not to be handed on. A model trained on one is bound by its licence: ask its owners.",
    "The people in a corpus agreed to its use by its owners, or were found in public videos and "
    "were not asked. Whoever uses the model answers for that.",
)


def section(run: RunDetail, rebuild: RunDetail | None, profile: DataProfile) -> Section:
    """The card of a release run's model.

    Args:
        rebuild: that made its data; None when not known.
    """
    parts = [
        "<h3>Intended use</h3>", items(_USE),
        "<h3>Not for</h3>", items(_NOT),
        "<h3>Made on</h3>", *_data(run, rebuild, profile),
        "<h3>Measured</h3>", *_measured(run),
        "<h3>Limits</h3>", items(_LIMITS),
    ]  # fmt: skip
    return Section("card", "Model card", "".join(parts))


def _data(run: RunDetail, rebuild: RunDetail | None, profile: DataProfile) -> Iterator[str]:
    corpora = ", ".join(profile.corpora) or str(run.settings.get("corpus") or "not known")
    yield paragraph(f"Corpora: {corpora}. {_rendered(rebuild)}")
    rows = []
    for split, found in profile.splits.items():
        frames = run.facts.frames.get(split)
        rows.append(
            (
                {"train": "training", "eval": "evaluation"}.get(split, split),
                Number(count(found.subjects)),
                Number(count(found.videos)),
                Number(count(frames["kept"] if frames else None)),
            )
        )
    yield table(("split", "subjects", "videos", "frames used"), rows)


def _rendered(rebuild: RunDetail | None) -> str:
    """Whether people are in it: ``affectflow synth`` leaves its settings with what it renders."""
    folder = str(rebuild.facts.request.get("data") or "") if rebuild else ""
    if folder and Path(folder, "synth.json").is_file():
        return (
            "The videos are rendered: no person was filmed, and the results say that the system "
            "works, nothing about real faces."
        )
    if folder and Path(folder).is_dir():
        return "The videos are as their owners give them, of real people."
    return "Whether the videos are of real people or rendered cannot be seen: the folder is gone."


def _measured(run: RunDetail) -> Iterator[str]:
    found = run.facts.headline
    if found is None:
        yield paragraph("Not measured.")
        return
    said = f"{METRICS.get(found.metric, found.metric)} {number(found.value)}"
    if found.low is not None and found.high is not None:
        said += f", 95 % interval over videos {number(found.low)} to {number(found.high)}"
    on = f" on {counted(found.frames, 'frame')}" if found.frames is not None else ""
    result = outcome(run.facts)
    yield paragraph(f"{said}{on}. {result.capitalize() + '.' if result else ''}")
    if run.beside_score:
        yield paragraph(f"{run.beside_score}.")
    scores = dict(_by_subject(run.summary or {}, found.stage, found.metric))
    if not scores:
        yield paragraph("No subject has a figure of its own.")
        return
    values = sorted(scores.values())
    yield paragraph(
        f"By subject ({counted(len(values), 'subject')} with a figure): from {number(values[0])} "
        f"to {number(values[-1])}, median {number(statistics.median(values))}. It may be wrong for "
        "one person and right for another."
    )


def _by_subject(summary: Mapping[str, Any], stage: str, metric: str) -> Iterator[tuple[str, float]]:
    """The judged stage's figure of each subject that has one."""
    rows = summary.get("subjects")
    for row in rows if isinstance(rows, list) else ():
        row = an_object(row)
        name = f"{row.get('corpus')} {row.get('name')}"
        if metric == "accuracy":
            tasks = an_object(an_object(row.get("classes")).get(stage))
            found = a_number(an_object(tasks.get(EXPRESSION)).get("accuracy"))
        else:
            outputs = an_object(an_object(row.get("scores")).get(stage)).values()
            parts = [a_number(an_object(score).get("ccc")) for score in outputs]
            known = [part for part in parts if part is not None]
            found = sum(known) / len(known) if known and len(known) == len(parts) else None
        if found is not None:
            yield name, found
