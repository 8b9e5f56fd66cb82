"""How the data of a rebuild differ from those of the rebuild before it."""

from __future__ import annotations

import difflib
import html
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pipelines.review.documents import table as an_object
from pipelines.review.facts import RunDetail
from pipelines.review.page.parts import Number, Section, details, items, link, paragraph, table
from pipelines.review.page.words import count, number, page_link, share, short, when
from pipelines.review.places import Places
from pipelines.review.profile import DataProfile, jensen_shannon

_NOTICEABLE = 0.1
"""A distance of label grids from which the page says that the labels have moved."""


def section(
    rebuild: RunDetail | None,
    earlier: RunDetail | None,
    profiles: tuple[DataProfile, DataProfile | None],
    places: tuple[Places, Places],
) -> Section:
    """Data and schema against the rebuild before.

    Args:
        rebuild: whose data the run works on; None when it is not known any more.
        earlier: the one before it that came to its end; None = there is none.
        profiles, places: of both.
    """
    parts: list[str] = []
    if rebuild is None:
        parts.append(paragraph("The rebuild that made the data is not known any more."))
    elif earlier is None:
        parts.append(paragraph("This is the recipe's first rebuild: nothing to compare with."))
    if rebuild is not None:
        if earlier is not None and profiles[1] is not None:
            said = link(earlier.facts.run_id, page_link(earlier.facts.run_id))
            parts.append(
                f"<p>The data of {html.escape(rebuild.facts.run_id)} against those of {said}, "
                f"which began {when(earlier.facts.started)}.</p>"
            )
            parts += _data(rebuild, earlier, profiles[0], profiles[1])
        parts.append("<h3>Schema</h3>")
        parts += _schema(places, earlier is not None)
        parts.append(_anomalies(places[0], "this rebuild"))
        if earlier is not None:
            parts.append(_anomalies(places[1], "the rebuild before"))
    return Section("drift", "Drift: data and schema since the rebuild before", "".join(parts))


def _data(
    now: RunDetail, then: RunDetail, after: DataProfile, before: DataProfile
) -> Iterator[str]:
    digests = (then.facts.corpus_digest, now.facts.corpus_digest)
    if digests[0] and digests[0] == digests[1]:
        yield paragraph(
            "Videos and annotations are the same, to the byte. What differs below comes from "
            "settings or code."
        )
    else:
        yield paragraph(
            f"Videos or annotations differ: digest {short(digests[0])} then, "
            f"{short(digests[1])} now."
        )
    distance = _distance(before, after)
    if distance is not None:
        moved = "have moved" if distance >= _NOTICEABLE else "lie where they lay"
        yield paragraph(
            f"The training labels {moved}: the Jensen-Shannon distance of the two grids of "
            f"valence and arousal is {number(distance)} (0 = alike, 1 = nothing in common)."
        )
    rows = [row for row in _rows(now, then, after, before) if row[1] or row[2]]
    changed = [row for row in rows if row[1] != row[2]]
    heads = ("what", "before", "now")
    if changed:
        yield table(heads, _cells(changed), caption="What differs")
    else:
        yield paragraph("No number of the data differs.")
    same = [row for row in rows if row[1] == row[2]]
    if same:
        yield details(f"What is the same: {len(same)}", table(heads, _cells(same)))


def _distance(before: DataProfile, after: DataProfile) -> float | None:
    if before.before is None or after.before is None:
        return None
    return jensen_shannon(before.before, after.before)


def _cells(rows: Sequence[tuple[str, str, str]]) -> list[tuple[Any, ...]]:
    return [(name, Number(then or "none"), Number(now or "none")) for name, then, now in rows]


def _rows(
    now: RunDetail, then: RunDetail, after: DataProfile, before: DataProfile
) -> Iterator[tuple[str, str, str]]:
    """(what, before, now) as texts, so that what looks the same is the same."""
    yield "videos listed", *_both(then, now, "listed")
    yield "videos used", *_both(then, now, "used")
    causes = [an_object(run.clips.get("rejected")) for run in (then, now)]
    for cause in sorted(causes[0].keys() | causes[1].keys()):
        shown = (count(row.get(cause, 0)) for row in causes)
        yield f"rejected: {str(cause).replace('_', ' ')}", *_two(shown)
    for split in after.splits:
        old, new = before.splits[split], after.splits[split]
        for name in ("subjects", "videos", "faces"):
            label = {"faces": "frames with a face"}.get(name, name)
            values = (getattr(part, name) for part in (old, new))
            yield f"{split}: {label}", *_two("" if v is None else count(v) for v in values)
        frames = [run.facts.frames.get(split) for run in (then, now)]
        for fate in ("decoded", "kept"):
            yield (
                f"{split}: frames {fate}",
                *_two(count(row[fate]) if row else "" for row in frames),
            )
        yield (
            f"{split}: frames without a face",
            *_two(share(row["no_face"], row["decoded"]) if row else "" for row in frames),
        )
        for label in dict.fromkeys([*old.labels, *new.labels]):
            found = [part.labels.get(label) for part in (old, new)]
            for what, field in (("mean", "mean"), ("spread", "deviation")):
                values = (number(getattr(s, field)) if s else "" for s in found)
                yield f"{split}: {what} of {label}", *_two(values)
        for task in dict.fromkeys([*old.classes, *new.classes]):
            rows = [part.classes.get(task, {}) for part in (old, new)]
            for name in dict.fromkeys([*rows[0], *rows[1]]):
                values = (share(row.get(name, 0), sum(row.values())) for row in rows)
                yield f"{split}: {task} {name}", *_two(values)


def _two(values: Iterable[str]) -> tuple[str, str]:
    before, now = values
    return before, now


def _both(then: RunDetail, now: RunDetail, name: str) -> tuple[str, str]:
    old, new = (run.clips.get(name) for run in (then, now))
    return (count(old) if isinstance(old, int) else ""), (
        count(new) if isinstance(new, int) else ""
    )


def _schema(places: tuple[Places, Places], compare: bool) -> Iterator[str]:
    texts = [_schema_text(place.schema) for place in places]
    if not texts[0]:
        yield paragraph("The schema that the frames were held to is not there any more.")
        return
    if not compare:
        yield details("The schema of the frames", f"<pre>{html.escape(texts[0])}</pre>")
        return
    if not texts[1]:
        yield paragraph("The schema of the rebuild before is not there any more.")
    elif texts[0] == texts[1]:
        yield paragraph("The schema of the frames (schemas/frames.pbtxt) is the same.")
    else:
        lines = difflib.unified_diff(
            texts[1].splitlines(), texts[0].splitlines(), "before", "now", lineterm="", n=2
        )
        yield paragraph("The schema of the frames (schemas/frames.pbtxt) has changed:")
        yield f'<pre tabindex="0">{html.escape(chr(10).join(lines))}</pre>'


def _schema_text(folder: str) -> str:
    try:
        return Path(folder, "schema.pbtxt").read_text(encoding="utf-8") if folder else ""
    except (OSError, ValueError):
        return ""


def _anomalies(place: Places, whose: str) -> str:
    if not place.anomalies:
        return paragraph(f"The frames of {whose} were not checked against the schema.")
    from google.protobuf.message import DecodeError
    from tensorflow_metadata.proto.v0 import anomalies_pb2

    files = sorted(Path(place.anomalies).glob("Split-*/SchemaDiff.pb"))
    if not files:
        return paragraph(f"What the check of {whose} found is gone: files deleted.")
    found = []
    for path in files:
        split = path.parent.name.removeprefix("Split-")
        try:
            anomalies = anomalies_pb2.Anomalies.FromString(path.read_bytes())
        except (OSError, DecodeError) as error:
            found.append(f"{split}: {path} is damaged ({error!r})")
            continue
        if anomalies.HasField("dataset_anomaly_info"):
            found.append(f"{split}: {anomalies.dataset_anomaly_info.description}")
        for name, info in sorted(anomalies.anomaly_info.items()):
            found.append(f"{split}: {name}: {info.description}")
    if not found:
        return paragraph(f"ExampleValidator found no anomaly in the frames of {whose}.")
    return paragraph(f"ExampleValidator found in the frames of {whose}:") + items(found)
