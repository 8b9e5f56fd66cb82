"""Numbers, times and names as a page writes them. Without Matplotlib, unlike those of figures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from affectflow.files import file_name
from pipelines.review.facts import Headline, RunFacts

METRICS = {"ccc_mean": "mean CCC", "accuracy": "accuracy"}
STAGES = {"cnn": "CNN alone", "rnn": "CNN + RNN", "classifier": "classifier"}
NOT_KNOWN = "not known"


def count(value: int | None) -> str:
    """Thousands apart: 12,345."""
    return NOT_KNOWN if value is None else f"{value:,}"


def number(value: float | None, digits: int = 3) -> str:
    """With a fixed number of digits after the point."""
    return NOT_KNOWN if value is None else f"{value:.{digits}f}"


def share(part: float | None, whole: float | None) -> str:
    """Of a whole as a percentage with one digit after the point; "" where there is none."""
    return f"{100 * part / whole:.1f} %" if whole and part is not None else ""


def counted(value: int | None, what: str) -> str:
    """``1 video``, ``12,345 videos``."""
    return f"{count(value)} {what}{'' if value == 1 else 's'}"


def when(time: datetime | None) -> str:
    """In UTC, to the second."""
    if time is None:
        return NOT_KNOWN
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def took(seconds: float | None) -> str:
    """``0.4 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def score(headline: Headline | None) -> str:
    """``mean CCC 0.715 (0.588 to 0.822)``; "" without."""
    if headline is None:
        return ""
    name = METRICS.get(headline.metric, headline.metric)
    if headline.value is None:
        return f"no {name}"
    said = f"{name} {number(headline.value)}"
    if headline.low is not None and headline.high is not None:
        said += f" ({number(headline.low)} to {number(headline.high)})"
    return said


def outcome(run: RunFacts) -> str:
    """What became of the model; "" before that, and for a rebuild."""
    if run.release is not None:
        return f"released as {run.release}" + (" again, unchanged" if run.unchanged else "")
    return {"blessed": "let through, not released", "refused": "refused"}.get(run.verdict, "")


def short(digest: str) -> str:
    """The first digits of a digest, which tell it from others."""
    return digest[:12] or NOT_KNOWN


def value(item: Any) -> str:
    """A setting or a fact of any kind."""
    if item is None or item == "":
        return "none"
    if isinstance(item, float):
        return f"{item:.6g}"
    if isinstance(item, (list, tuple)):
        return ", ".join(map(value, item)) or "none"
    return str(item)


def page_name(run_id: str) -> str:
    """File name of a run's page."""
    return f"{file_name(run_id)}.html"


def page_link(run_id: str) -> str:
    """Relative address of a run's page from another page, or from the index, beside it."""
    return quote(page_name(run_id)) if run_id else ""
