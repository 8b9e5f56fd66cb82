"""What data a run works on: how many videos and frames are left, why others went, and where the
labels lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from affectflow.figures.words import counted
from affectflow.records.counts import notes
from affectflow.records.rejects import REJECTS_FILE, RejectGroup, group_rows
from pipelines.review.documents import FATES, texts
from pipelines.review.documents import table as an_object
from pipelines.review.facts import RunDetail
from pipelines.review.page.parts import (
    Cell,
    Number,
    Section,
    details,
    figure,
    items,
    paragraph,
    table,
)
from pipelines.review.page.words import count, share
from pipelines.review.profile import DataProfile

_MOST_REJECTS = 500
"""Rejected clips that are named; a page of a corpus in ruins is still to be opened."""


def section(run: RunDetail, profile: DataProfile) -> Section:
    """The funnel, rejects by cause, classes, and the density before and after balancing."""
    parts = [*_funnel(run), *_rejects(run), *_equal(run), *_remarks(run), *_people(profile)]
    parts += _classes(profile)
    parts += _density(run, profile)
    parts += [paragraph(problem) for problem in profile.problems]
    return Section("data", "Data: from videos to training frames", "".join(parts))


def _funnel(run: RunDetail) -> Iterator[str]:
    frames = run.facts.frames
    if not frames:
        yield paragraph(
            "Frames have not been counted yet, or the count is gone, so there is no funnel."
        )
        return

    def draw() -> Any:
        from affectflow.figures import funnel
        from affectflow.records.counts import FrameCounts

        rows = {split: FrameCounts(**{fate: row[fate] for fate in FATES})
                for split, row in frames.items()}  # fmt: skip
        return funnel(rows, run.clips, figure_id="funnel")

    yield figure(draw)
    rows: list[Sequence[Any]] = []
    for fate in FATES:
        cells = []
        for row in frames.values():
            cells += [Number(count(row[fate])), Number(share(row[fate], row["decoded"]))]
        rows.append((fate.replace("_", " "), *cells))
    heads = ["frames"] + [head for split in frames for head in (split, f"{split} %")]
    yield details("The same as numbers", table(heads, rows))


def _rejects(run: RunDetail) -> Iterator[str]:
    for sentence in notes(run.clips):
        yield paragraph(f"{sentence}.")
    yield "<h3>Rejected videos</h3>"
    causes = an_object(run.clips.get("rejected"))
    if not run.clips:
        yield paragraph("Not known: the videos were not counted, or the count is gone.")
        return
    if not causes:
        yield paragraph("No video was rejected.")
        return
    groups = group_rows(run.rejects)
    listed = {group.cause for group in groups}
    # Of those that are counted but not on the list, the cause is known alone.
    groups += [
        RejectGroup(str(cause), int(number), "", "")
        for cause, number in sorted(causes.items(), key=lambda item: -int(item[1]))
        if cause not in listed
    ]
    rows = [
        (
            group.cause.replace("_", " "),
            group.meaning,
            Number(count(group.number)),
            f"{group.name}: {group.detail}" if group.name else "",
        )
        for group in groups
    ]
    yield table(("cause", "meaning", "videos", "such as"), rows)
    if run.rejects:
        names = [
            tuple(str(reject.get(key) or "") for key in ("video_id", "split", "cause", "detail"))
            for reject in run.rejects[:_MOST_REJECTS]
        ]
        told = table(("video", "split", "cause", "what was found"), names)
        if len(run.rejects) > _MOST_REJECTS:
            told += paragraph(f"… and {len(run.rejects) - _MOST_REJECTS} more in {REJECTS_FILE}")
        yield details(f"Which videos: {len(run.rejects)}", told)
    else:
        yield paragraph("Their names are gone with the list of rejects.")


def _equal(run: RunDetail) -> Iterator[str]:
    yield "<h3>Equal clips</h3>"
    found = run.duplicates
    if found is None:
        yield paragraph("Not known: they were not counted.")
        return
    yield items(found.told())
    if found.any:
        heads = ("split", "clips", "also in the other split", "repeat another of the split")
        columns = (found.clips, found.shared, found.repeated)
        yield table(
            heads,
            [(split, *(Number(count(of[split])) for of in columns)) for split in found.clips],
        )


def _remarks(run: RunDetail) -> Iterator[str]:
    told = texts(run.clips.get("remarks"))
    if told:
        yield "<h3>What was noticed when the corpus was listed</h3>"
        yield items(told)


def _people(profile: DataProfile) -> Iterator[str]:
    rows: list[tuple[Cell, ...]] = []
    for split, found in profile.splits.items():
        if found.videos is None and found.faces is None:
            continue
        numbers = (found.subjects, found.videos, found.faces)
        rows.append((split, *(Number(count(number)) for number in numbers)))
    if rows:
        yield "<h3>People</h3>"
        yield table(("split", "subjects", "videos with a face", "frames with a face"), rows)


def _classes(profile: DataProfile) -> Iterator[str]:
    tasks = dict.fromkeys(task for split in profile.splits.values() for task in split.classes)
    for task in tasks:
        counts = {split: found.classes[task] for split, found in profile.splits.items()
                  if task in found.classes}  # fmt: skip

        def draw(task: str = task, counts: Mapping[str, Mapping[str, int]] = counts) -> Any:
            from affectflow.figures import class_counts

            return class_counts(counts, figure_id=f"classes-{task}")

        yield f"<h3>Classes: {task}</h3>{figure(draw)}"


def _density(run: RunDetail, profile: DataProfile) -> Iterator[str]:
    yield "<h3>Where the labels lie, before and after balancing</h3>"
    before, after = profile.before, profile.after
    if before is None or after is None:
        yield paragraph("The grids of the labels were not made yet, or are gone.")
        return
    if not before.sum():
        yield paragraph(
            "No training frame has valence and arousal, so balancing had nothing to do."
        )
        return
    subset = str(run.settings.get("sampler.subset") or "")

    def draw() -> Any:
        from affectflow.figures import density

        return density({f"train, subset {subset}": (before, after)}, figure_id="density")

    yield figure(draw)
    yield paragraph(
        "Only training frames are balanced: of crowded cells of the plane some frames are left "
        "out, so that the model does not learn the commonest expression alone. The evaluation "
        "keeps every labelled frame."
    )
    more = 0 if profile.counted is None else int(profile.counted.sum() - before.sum())
    if more and subset != "all":
        yield paragraph(
            f"How crowded a cell is was reckoned from {counted(more, 'frame')} more, as rule "
            f"{run.settings.get('sampler.rule') or 'paper'} does: those labelled exactly (0, 0), "
            "which are not kept, and annotated ones in which no face was found."
        )
