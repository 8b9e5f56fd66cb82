"""Rejected clips in few words: grouped by cause, with a count and one example each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from affectflow.errors import RejectedClip

REJECTS_FILE = "rejects.jsonl"
"""A line a clip that ingest rejected: video_id, split, cause and detail."""

_KINDS = 3
"""Different things that were found for one cause that are told apart; the rest is one more."""

# What tells one clip's detail from another's although the same is wrong with both: its path, names
# in quotes, names of files, numbers.
_OWN = (
    re.compile(r"^[^:]*[/\\].*?: "),
    re.compile(r"'[^']*'|\"[^\"]*\""),
    re.compile(r"\S*[/\\]\S*"),
    re.compile(r"\S+\.[A-Za-z]\w{0,4}\b"),
    re.compile(r"[\d.,]+"),
)


class RejectGroup(NamedTuple):
    """Clips that were rejected for the same reason.

    Attributes:
        cause: one of ``RejectedClip.CAUSES``; "" = an error that is no rejection.
        number: how many clips.
        name: of the one that stands for all.
        detail: what was found in it.
    """

    cause: str
    number: int
    name: str
    detail: str

    @property
    def meaning(self) -> str:
        """The cause in words."""
        return RejectedClip.CAUSES.get(self.cause, self.cause.replace("_", " "))

    def told(self, what: str = "clips") -> str:
        """The group as a line: ``7,431 clips: the file is …, such as 1001_X: …``."""
        example = f"{self.name}: " if self.number == 1 else f"such as {self.name}: "
        if self.number == 1:
            return f"{example}{self.meaning}{': ' if self.meaning else ''}{self.detail}"
        meaning = f": {self.meaning}," if self.meaning else ","
        return f"{self.number:,} {what}{meaning} {example}{self.detail}"


def group_rejects(rejects: Iterable[tuple[str, str, str]]) -> list[RejectGroup]:
    """Groups of what was rejected, the commonest cause first.

    Clips of one cause of which something else was found (a Git LFS pointer, a file that is cut off)
    are groups of their own, up to a few.

    Args:
        rejects: (name, cause, detail) each.
    """
    by_cause: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for name, cause, detail in rejects:
        by_cause[cause][_kind(name, detail)].append((name, detail))
    groups = []
    for cause, kinds in sorted(by_cause.items(), key=lambda item: -_total(item[1].values())):
        found = sorted(kinds.values(), key=len, reverse=True)
        if len(found) > _KINDS + 1:
            found[_KINDS:] = [[one for kind in found[_KINDS:] for one in kind]]
        groups += [RejectGroup(cause, len(kind), *kind[0]) for kind in found]
    return groups


def group_rows(rows: Iterable[Mapping[str, Any]]) -> list[RejectGroup]:
    """The same of the lines of ``rejects.jsonl``."""
    return group_rejects(
        (str(row.get("video_id")), str(row.get("cause") or ""), str(row.get("detail") or ""))
        for row in rows
    )


def _kind(name: str, detail: str) -> str:
    text = detail.replace(name, "")
    for own in _OWN:
        text = own.sub("#", text)
    return text


def _total(kinds: Iterable[list[tuple[str, str]]]) -> int:
    return sum(map(len, kinds))
