"""Corpora whose labels stand in the names of files: what fits, what is left out, and the clips."""

from __future__ import annotations

import dataclasses
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings, check_subjects
from affectflow.corpora.classes import as_classes
from affectflow.corpora.clip import Clip
from affectflow.corpora.files import as_id, media_by_ending, require_folder, walk
from affectflow.corpora.remarks import examples, remark
from affectflow.corpora.splits import assign_splits, splits_itself
from affectflow.errors import InputError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """A clip as the names say it, before the splits are known.

    Attributes:
        video_id, subject, source, item: as in :class:`affectflow.corpora.clip.Clip`.
        classes: task -> class; "" = not known.
        split: ``train`` or ``eval`` where the corpus says so, else "".
        split_as: what decides the split where the corpus does not; "" = the subject.
    """

    video_id: str
    subject: str
    source: Path
    classes: Mapping[str, str]
    split: str = ""
    split_as: str = ""
    item: str = ""


class Survey:
    """What a corpus's folder holds, and what became of each file.

    Args:
        root: the corpus's folder.
        corpus: name of the adapter.
        looked_for: the files of such a corpus, in words, for the error when there are none.

    Raises:
        InputError: ``root`` is not a folder.
    """

    def __init__(self, root: Path, corpus: str, looked_for: str):
        require_folder(root)
        self._root = root
        self._corpus = corpus
        self._looked_for = looked_for
        self._misfits: list[str] = []
        self._left_out: dict[str, list[str]] = defaultdict(list)
        self._notes: dict[str, list[str]] = defaultdict(list)
        self._others: list[str] = []

    def files(
        self,
        wanted: Callable[[str], bool],
        below: Path | None = None,
        enter: Callable[[Path], bool] = lambda folder: True,
    ) -> Iterator[Path]:
        """Files whose name is wanted, at any depth; hidden ones are skipped.

        Args:
            wanted: says of a file's name whether it is of interest.
            below: where to look, if not in the whole of the root.
            enter: says of a folder whether to go into it.
        """
        for folder, _, names in walk(below or self._root, enter):
            for name in names:
                if wanted(name):
                    yield folder / name
                else:
                    self._others.append(self._name(folder / name))

    def misfit(self, what: Path | str) -> None:
        """Counts a file, or a line of one, that does not read as those of this corpus do."""
        self._misfits.append(what if isinstance(what, str) else self._name(what))

    def leave_out(self, why: str, what: Path | str) -> None:
        """Counts what is of this corpus but not used.

        Args:
            why: what they are, in the plural, e.g. ``videos of song``.
            what: the file, or a name.
        """
        self._left_out[why].append(what if isinstance(what, str) else self._name(what))

    def note(self, what: str, name: str) -> None:
        """Counts what is used although something about it is amiss.

        Args:
            what: what is amiss, in the plural, e.g. ``images that are not there``.
            name: of the image.
        """
        self._notes[what].append(name)

    def single(self, files: Iterable[Path], settings: CorpusSettings) -> Path:
        """The one file that the corpus is read from: the setting ``annotations`` if given.

        Raises:
            InputError: there is none, or there are several.
        """
        if settings.annotations:
            path = self._root / settings.annotations
            if not path.is_file():
                raise InputError(
                    f"annotations is {settings.annotations!r}, but {path} is not a file; "
                    f"looked for {self._looked_for}"
                )
            return path
        paths = list(files)
        if not paths:
            raise self._nothing()
        if len(paths) > 1:
            raise InputError(
                f"{self._root} has several of the file that {self._corpus} is read from: "
                f"{examples([self._name(path) for path in paths])}; set annotations to one of them"
            )
        return paths[0]

    def clips(
        self, found: Iterable[Found], settings: CorpusSettings, originals: tuple[str, ...] = ()
    ) -> list[Clip]:
        """The clips of what fits, sorted, after logging what does not.

        Args:
            found: in any order.
            settings: the share and seed of the split, and whether it is by subject or by image.
            originals: endings of files, in lower case: where one clip is there several times in
                different formats, the first of these is taken.

        Raises:
            InputError: nothing fits, an id stands for two clips, a subject is in two splits, or
                the corpus has a split of its own and another is asked for.
        """
        kept = self._one_a_clip(found, originals)
        if not kept:
            raise self._nothing()
        self._report()
        if all(one.split == "train" for one in kept):
            remark(f"{self._root} has no clips for evaluation; splitting its subjects")
            kept = [dataclasses.replace(one, split="") for one in kept]
        if settings.split_by == "image":
            if any(one.split for one in kept):
                raise splits_itself(self._corpus)
            kept = [_by_itself(one) for one in kept]
        by_hash = assign_splits(
            (one.split_as or one.subject for one in kept if not one.split),
            settings.eval_fraction,
            settings.seed,
        )
        clips = [
            Clip(
                corpus=self._corpus,
                video_id=one.video_id,
                subject_id=one.subject,
                split=one.split or by_hash[one.split_as or one.subject],
                source=one.source,
                classes=as_classes(one.classes),
                item=one.item,
            )
            for one in kept
        ]
        check_subjects(clips)
        return sorted(clips, key=lambda clip: clip.video_id)

    def _one_a_clip(self, found: Iterable[Found], originals: tuple[str, ...]) -> list[Found]:
        by_id: dict[str, list[Found]] = defaultdict(list)
        for one in found:
            by_id[one.video_id].append(one)
        kept: list[Found] = []
        for same in by_id.values():
            endings = [one.source.suffix.lower() for one in same]
            if len(set(endings)) < len(endings):
                # Nothing says which of two is the right one: check_subjects will name both.
                kept += same
                continue
            ranks = {ending: rank for rank, ending in enumerate(originals)}
            same.sort(key=lambda one: ranks.get(one.source.suffix.lower(), len(ranks)))
            kept.append(same[0])
            for copy in same[1:]:
                self.leave_out("copies in another format", copy.source)
        return kept

    def _report(self) -> None:
        for why, names in self._left_out.items():
            _log.info("%s: %d %s left out (%s)", self._root, len(names), why, examples(names))
        for what, names in self._notes.items():
            remark(f"{self._root}: {len(names)} {what} ({examples(names)})")
        if self._misfits:
            remark(
                f"{self._root}: {len(self._misfits)} do not fit {self._corpus} and are left out "
                f"({examples(self._misfits)})"
            )
        if unread := media_by_ending(self._others, unread_alone=True):
            remark(f"{self._root}: passed over, as nothing here reads them: {unread}")

    def _nothing(self) -> InputError:
        told = [*self._left_out.items(), *self._notes.items()]
        seen = [f"{len(names)} {why} ({examples(names)})" for why, names in told]
        if self._misfits:
            seen.append(f"{len(self._misfits)} that do not fit ({examples(self._misfits)})")
        if not seen and self._others:
            seen.append(f"{len(self._others)} other files ({examples(self._others)})")
        return InputError(
            f"{self._root} holds no clip of {self._corpus}: looked for {self._looked_for}, "
            f"at any depth; found {' and '.join(seen) or 'no file'}; "
            "give the folder that holds the corpus as its owners distribute it"
        )

    def _name(self, path: Path) -> str:
        inside = path.is_relative_to(self._root)
        return as_id((path.relative_to(self._root) if inside else path).as_posix())


def _by_itself(found: Found) -> Found:
    """The clip as the only one of its subject, so that it is split by itself."""
    alone = f"{found.subject}/{found.video_id}"
    return dataclasses.replace(found, subject=alone, split_as="")
