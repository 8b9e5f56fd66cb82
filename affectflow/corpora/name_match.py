"""Joining what a table names with what a folder holds, in whatever way the table writes it.

Tables come from other machines: with absolute paths, backslashes, other letter cases, ``.MP4`` for
``.mp4``, or the bare names of files that lie in sub-folders. What can mean one file alone is taken
for it; what can mean several is refused, and what means none is said.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from affectflow.corpora.files import as_key, is_video
from affectflow.corpora.remarks import EXAMPLES, examples, remark
from affectflow.errors import InputError

# How a name was found, the surest first; a file goes to the names that mean it most surely.
_EXACT, _SAME_PATH, _WITHIN, _BEYOND = range(4)
_Rank = tuple[int, int]


def match_names(
    table: Path, names: Collection[str], held: Mapping[str, str], root: Path
) -> dict[str, str]:
    """Which file each name means.

    In this order, with or without a video's ending: the path from ``root``, letter by letter; the
    same in another letter case, or with another ending of videos; the last parts of the file's
    path (``monday.mp4`` for ``anna/monday.mp4``); a longer path that ends in the file's path from
    ``root`` (``C:\\set\\anna\\monday.mp4``). So no folder that either side names is passed over:
    ``carl/monday.mp4`` is not Anna's, also where the folder holds no one else's. What is found
    otherwise than letter by letter, and what is not found, is remarked.

    Args:
        table: the file that the names are from, for messages.
        names: as the table writes them, by ``as_key``.
        held: id -> path from ``root``, by ``as_key``.
        root: the folder.

    Returns:
        name -> id; names that mean nothing are left out.

    Raises:
        InputError: none of the names means anything, one may mean several files, or several names
            may mean one; gives examples of both sides.
    """
    index = _Index(held, as_key(str(root.absolute())))
    found: dict[str, tuple[_Rank, str]] = {}
    absent: list[str] = []
    unclear: list[str] = []
    for name in names:
        rank, ids = index.find(name)
        if len(ids) > 1:
            unclear.append(f"{name!r} could be {' or '.join(sorted(ids)[:EXAMPLES])}")
        elif ids:
            found[name] = rank, ids[0]
        else:
            absent.append(name)
    matched = _settled(found, absent, unclear)
    if unclear:
        raise InputError(
            f"{table}: video {'; video '.join(unclear[:EXAMPLES])}"
            + (f"; and {len(unclear) - EXAMPLES} more such" if len(unclear) > EXAMPLES else "")
            + f"; write it with its extension, and its path from {root}"
        )
    if names and not matched:
        raise InputError(
            f"{table} names {len(names)} videos, of which {root} holds none: the table names "
            f"{examples([repr(name) for name in names])}, the folder holds "
            f"{examples([repr(path) for path in held.values()]) or 'none'}; the path from the "
            "folder, with or without extension, would do"
        )
    _tell(table, matched, {name: rank for name, (rank, _) in found.items()}, absent, held, root)
    return matched


class _Index:
    """Finds files by their paths, letters' cases and videos' endings aside."""

    def __init__(self, held: Mapping[str, str], root: str):
        self._paths = held
        self._root = root
        self._whole: dict[str, list[str]] = defaultdict(list)
        self._bare: dict[str, list[str]] = defaultdict(list)
        self._tails: dict[str, list[str]] | None = None
        shared = _shared_folder(held.values())
        for key, path in held.items():
            for part in {path, path[len(shared) :]}:
                self._whole[part.casefold()].append(key)
                self._bare[_bare(part).casefold()].append(key)

    def find(self, name: str) -> tuple[_Rank, list[str]]:
        """How a name was found, and the ids of what it may mean; the smaller rank is the surer."""
        if ids := self._at(name):
            exact = [key for key in ids if _is_exact(name, self._paths[key])]
            return (_EXACT if exact else _SAME_PATH, 0), exact or ids
        if ids := self._ending_in(name):
            return (_WITHIN, 0), self._same_letters(name, ids)
        for tail in _tails(name):
            # The whole path from the root, so that what the name has before it lies above the root:
            # no other folder than the file's own stands in the place of that.
            ids = [key for key in self._at(tail) if _depth(self._paths[key]) == _depth(tail)]
            if ids:
                ids = self._same_letters(name, ids)
                # Of two names that end alike, the one that goes on as the folder's own path does.
                return (_BEYOND, -self._common(name, ids[0])), ids
        return (_BEYOND, 0), []

    def _at(self, name: str) -> list[str]:
        """Files at that path from the root, or from the folder that holds all files."""
        folded = name.casefold()
        return (
            self._whole.get(folded) or self._bare.get(folded) or self._bare.get(_bare(folded)) or []
        )

    def _ending_in(self, name: str) -> list[str]:
        """Files whose path, from the top of the file system on, ends so."""
        if self._tails is None:
            self._tails = defaultdict(list)
            for key, path in self._paths.items():
                for tail in _tails(f"{self._root}/{path}".casefold()):
                    self._tails[tail].append(key)
                    if (bare := _bare(tail)) != tail:
                        self._tails[bare].append(key)
        folded = name.casefold().lstrip("/")
        return self._tails.get(folded) or self._tails.get(_bare(folded)) or []

    def _same_letters(self, name: str, ids: list[str]) -> list[str]:
        """Of several files those that differ from the name in no letter's case."""
        if len(ids) == 1:
            return ids
        folded = [self._common(name, key) for key in ids]
        exact = [self._common(name, key, fold=False) for key in ids]
        return [key for key, a, b in zip(ids, folded, exact) if a == b] or ids

    def _common(self, name: str, key: str, fold: bool = True) -> int:
        """How many parts of the name and of the file's path agree, from their ends on."""
        ours, theirs = _bare(f"{self._root}/{self._paths[key]}"), _bare(name)
        if fold:
            ours, theirs = ours.casefold(), theirs.casefold()
        count = 0
        for a, b in zip(reversed(ours.split("/")), reversed(theirs.split("/"))):
            if a != b:
                break
            count += 1
        return count


def _settled(
    found: Mapping[str, tuple[_Rank, str]], absent: list[str], unclear: list[str]
) -> dict[str, str]:
    """Name -> id; a file goes to the names that mean it most surely, and the others mean none."""
    claims: dict[str, list[tuple[_Rank, str]]] = defaultdict(list)
    for name, (rank, key) in found.items():
        claims[key].append((rank, name))
    matched: dict[str, str] = {}
    for key, claimed in claims.items():
        best = min(rank for rank, _ in claimed)
        mine = [name for rank, name in claimed if rank == best]
        absent += [name for rank, name in claimed if rank != best]
        # With and without an ending is one name; anything else would mix two videos' labels.
        if len({_bare(name).casefold() for name in mine}) > 1 or len(_endings(mine)) > 1:
            unclear.append(f"{' and video '.join(map(repr, mine[:EXAMPLES]))} could each be {key}")
        matched |= dict.fromkeys(mine, key)
    return matched


def _tell(
    table: Path,
    matched: Mapping[str, str],
    ranks: Mapping[str, _Rank],
    absent: list[str],
    held: Mapping[str, str],
    root: Path,
) -> None:
    otherwise = [name for name in matched if ranks[name][0] != _EXACT]
    if otherwise:
        pairs = [f"{name!r} is taken for {held[matched[name]]!r}" for name in otherwise]
        remark(
            f"{table} writes {len(otherwise)} of {len(ranks) + len(absent)} videos otherwise than "
            f"{root} does ({examples(pairs)})"
        )
    if absent:
        unnamed = sorted(held.keys() - set(matched.values()))
        left = f"; {len(unnamed)} of its {len(held)} videos are not named" if unnamed else ""
        left += f" ({examples([repr(name) for name in unnamed])})" if unnamed else ""
        remark(
            f"{table} names {len(absent)} videos that {root} does not hold "
            f"({examples([repr(name) for name in sorted(absent)])}){left}"
        )


def _is_exact(name: str, path: str) -> bool:
    """Whether they are the same but for an ending that one of them leaves out."""
    return name == path or name == _bare(path) or _bare(name) == path


def _bare(name: str) -> str:
    """Without a video's ending."""
    return os.path.splitext(name)[0] if is_video(name) else name


def _endings(names: Collection[str]) -> set[str]:
    return {os.path.splitext(name)[1].casefold() for name in names if is_video(name)}


def _depth(path: str) -> int:
    return path.count("/")


def _tails(name: str) -> Iterator[str]:
    """The ends of a path, the longest first: a/b/c, b/c, c."""
    parts = [part for part in name.split("/") if part]
    for first in range(len(parts)):
        yield "/".join(parts[first:])


def _shared_folder(paths: Collection[str]) -> str:
    """The folder that holds all files, with a slash at its end; "" = there is none."""
    folder = os.path.commonpath([os.path.dirname(path) for path in paths]) if paths else ""
    return f"{folder}/" if folder else ""
