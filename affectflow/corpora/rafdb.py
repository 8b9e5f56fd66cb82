"""RAF-DB (Real-world Affective Faces Database), its subset of basic expressions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import AGE, EXPRESSION, GENDER, RACE, TASKS
from affectflow.corpora.clip import Clip
from affectflow.corpora.files import is_image, require_itself
from affectflow.corpora.labels import Labels
from affectflow.corpora.named_files import Found, Survey
from affectflow.errors import InputError

#: By the number in the list of labels, which begins at 1.
EMOTIONS = ("surprise", "fear", "disgust", "joy", "sadness", "anger", "neutral")
#: The lines of an attribute file after its landmarks: task, classes by number.
ATTRIBUTES = (
    (GENDER, ("male", "female", "unsure")),
    (RACE, ("caucasian", "african_american", "asian")),
    (AGE, TASKS[AGE]),
)

_LANDMARKS = 5
_LISTS = ("list_patition_label.txt", "list_partition_label.txt")
_ATTRIBUTE_FILE = "_manu_attri.txt"
_LINE = re.compile(r"((train|test)_[0-9]+)\.jpg\s+([0-9]{1,9})", re.IGNORECASE)
_LOOKED_FOR = (
    "the list EmoLabel/list_patition_label.txt with lines 'train_00001.jpg 5', and its images "
    "Image/aligned/train_00001_aligned.jpg or Image/original/train_00001.jpg"
)


class RafDb:
    """Images of faces from the web, each a clip of its own.

    As distributed, in the folder ``basic``:

    * ``EmoLabel/list_patition_label.txt`` (so spelt), a line an image, ``train_00001.jpg 5``:
      1 surprise, 2 fear, 3 disgust, 4 happiness, 5 sadness, 6 anger, 7 neutral;
    * ``Image/aligned/train_00001_aligned.jpg``, 100×100, and ``Image/original/train_00001.jpg``;
      the aligned one is taken where it is there;
    * ``Annotation/manual/train_00001_manu_attri.txt``: five lines of landmarks, then a line each
      with gender (0 male, 1 female, 2 unsure), race (0 Caucasian, 1 African-American, 2 Asian) and
      age (0: 0–3, 1: 4–19, 2: 20–39, 3: 40–69, 4: 70 and more). Image and file are found by name.
      An image without the file, or with one that does not read so, has its expression alone.

    The folder ``compound``, whose list has the same name and other classes, is left alone. The
    setting ``annotations`` names the list when there are several. An image of the list that is not
    there is listed with a source that does not exist, so that it is rejected by name and not lost.

    The split is the owners', ``train_`` and ``test_`` (which is eval here). Nobody knows who is in
    an image: each is its own subject, and a person may well stand in both splits.
    """

    name = "rafdb"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        survey = Survey(root, self.name, _LOOKED_FOR)
        lists = list(survey.files(lambda name: name in _LISTS, enter=lambda f: not _compound(f)))
        table = survey.single(lists, settings)
        base = table.parent.parent if table.parent.name.lower() == "emolabel" else table.parent
        if _compound(base):
            raise InputError(
                f"{table} is the list of RAF-DB's compound expressions; looked for {_LOOKED_FOR}, "
                "which are in its folder basic"
            )
        return survey.clips(_found(table, base, survey), settings)

    def read_labels(self, clip: Clip) -> Labels | None:
        """None: RAF-DB labels whole clips."""
        return None


ADAPTERS = (RafDb(),)


def _compound(folder: Path) -> bool:
    return folder.name.lower() == "compound"


def _found(table: Path, base: Path, survey: Survey) -> Iterator[Found]:
    files: dict[str, list[Path]] = defaultdict(list)
    for path in survey.files(
        lambda name: is_image(name) or name.lower().endswith(_ATTRIBUTE_FILE),
        below=base,
        enter=lambda folder: not _compound(folder),
    ):
        # Of archives that were unpacked elsewhere the letters' cases may have changed.
        files[path.name.lower()].append(path)
    rows = list(_read_list(table, survey))
    if not any(f"{name}{end}" in files for name, _ in rows for end in ("_aligned.jpg", ".jpg")):
        for name, _ in rows:
            survey.leave_out("labels without an image", name)
        for name in files:
            survey.leave_out("files without a label", name)
        return
    described = any(name.endswith(_ATTRIBUTE_FILE) for name in files)
    for name, expression in rows:
        source = _only(files, f"{name}_aligned.jpg") or _only(files, f"{name}.jpg")
        if source is None:
            survey.note("images that are not there", name)
        attributes = _only(files, f"{name}{_ATTRIBUTE_FILE}")
        if attributes is None and described:
            survey.note("images without an attribute file", name)
        classes = _read_attributes(attributes) if attributes else {}
        if attributes and not classes:
            survey.note("attribute files that cannot be read", name)
        yield Found(
            video_id=name,
            subject=name,
            source=source or base / "Image" / "aligned" / f"{name}_aligned.jpg",
            classes={EXPRESSION: expression, **classes},
            split="train" if name.startswith("train") else "eval",
        )


def _only(files: Mapping[str, list[Path]], name: str) -> Path | None:
    paths = files.get(name, [])
    if len(paths) > 1:
        raise InputError(f"{name} is there {len(paths)} times, {paths[0]} and {paths[1]}; keep one")
    return paths[0] if paths else None


def _read_list(table: Path, survey: Survey) -> Iterator[tuple[str, str]]:
    """The image and expression of each line."""
    require_itself(table)
    lines = table.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        read = _LINE.fullmatch(line.strip())
        if read is None:
            if line.strip():
                survey.misfit(f"{table.name}, line {number}: {line[:40]!r}")
            continue
        label = int(read[3])
        if not 1 <= label <= len(EMOTIONS):
            # Compound expressions go to 11, and their 1 to 7 mean something else.
            raise InputError(
                f"{table}, line {number}: the label is {label}; basic expressions are 1 to "
                f"{len(EMOTIONS)}"
            )
        yield read[1].lower(), EMOTIONS[label - 1]


def _read_attributes(path: Path) -> dict[str, str]:
    """Gender, race and age group; nothing if the file does not read as it should."""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    codes = [line.strip() for line in lines if line.strip()][_LANDMARKS:]
    if len(codes) < len(ATTRIBUTES):
        return {}
    classes = {}
    for code, (task, names) in zip(codes, ATTRIBUTES):
        if code not in map(str, range(len(names))):
            return {}
        classes[task] = names[int(code)]
    return classes
