"""What is to be predicted (files, folders, patterns, pipes) and what its results are called."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from affectflow.corpora.files import as_id, is_video, media_by_ending, walk
from affectflow.corpora.remarks import remark
from affectflow.errors import InputError
from affectflow.predict.results import ANNOTATED, PLOT
from affectflow.video.ffmpeg import STDIN


@dataclass(frozen=True)
class Source:
    """A video and the name of its results.

    Attributes:
        path: a file, or ``STDIN``.
        name: relative, with ``/`` between folders and without an ending.
    """

    path: str
    name: str


def find_sources(arguments: Sequence[str]) -> list[Source]:
    """The videos that some arguments mean, each once.

    A folder means all videos below it, whose results keep its structure; what else in it looks like
    media is remarked (``affectflow.corpora.remarks``). A pattern that the shell
    has left alone (``"day*/*.mp4"``, ``**`` for folders of any depth) is matched here. A file need
    not exist: that comes up when its turn comes, and does not keep others from theirs. Two videos
    of one name, such as clip.mov and clip.mp4, keep their endings.

    Raises:
        InputError: a folder without videos, a pattern that matches nothing, or two videos whose
            results would have the same name.
    """
    by_path: dict[str, Source] = {}
    for text in arguments:
        for source in _sources(text):
            key = STDIN if source.path == STDIN else os.path.abspath(source.path)
            by_path.setdefault(key, source)
    found = list(by_path.values())
    taken = Counter(source.name for source in found)
    found = [_with_ending(source) if taken[source.name] > 1 else source for source in found]
    names: dict[str, str] = {}
    for source in found:
        other = names.setdefault(source.name, source.path)
        if other != source.path:
            raise InputError(
                f"{other} and {source.path} would both be {source.name}.csv; give the folder that"
                " holds both, or one call each with an --out of its own"
            )
    return found


def _sources(text: str) -> Iterator[Source]:
    if text == STDIN:
        yield Source(STDIN, "stdin")
        return
    if not text:
        raise InputError("a video's name is empty; a file, a folder or a pattern would do")
    path = Path(text)
    if path.is_dir():
        yield from _in_folder(path)
    elif not path.exists() and glob.has_magic(text):
        matches = sorted(glob.glob(text, recursive=True))
        if not matches:
            raise InputError(f"{text!r} matches no file")
        for match in matches:
            if not Path(match).is_dir() and not match.endswith(ANNOTATED):
                yield Source(match, Path(match).stem)
    else:
        yield Source(text, path.stem)


def _in_folder(folder: Path) -> Iterator[Source]:
    files = [
        Path(below, name)
        for below, _, names in walk(folder)
        for name in names
        if not name.endswith((ANNOTATED, PLOT))
    ]
    paths = [path for path in files if is_video(path.name)]
    others = [as_id(path.relative_to(folder)) for path in files if not is_video(path.name)]
    left = media_by_ending(others)
    if not paths:
        found = f"; found {left}" if left else ""
        raise InputError(f"{str(folder)!r} holds no video; a folder with videos would do{found}")
    if left:
        remark(f"{folder}: passed over, as they are no videos: {left}")
    for path in paths:
        yield Source(str(path), path.relative_to(folder).with_suffix("").as_posix())


def _with_ending(source: Source) -> Source:
    return replace(source, name=source.name + Path(source.path).suffix)
