"""TFRecord shards that are whole or absent, in TFX's folder layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from affectflow.errors import AffectflowError, first_few
from affectflow.files import whole_file

if TYPE_CHECKING:
    import tensorflow as tf

# As TFX and Beam call them; this project's own are among these.
_NAME = re.compile(r"(?P<kind>.+)-(?P<number>\d{5,})-of-(?P<total>\d{5,})(?P<suffix>\..+)?")
_SHOWN = 3


class DamagedShards(AffectflowError):
    """Shards that are missing, or that are not what was written."""

    retry = False


def split_dir(examples_uri: str | Path, split: str) -> Path:
    """The folder of a split below the URI of a TFX Examples artifact."""
    return Path(examples_uri) / f"Split-{split}"


def shard_name(number: int, total: int) -> str:
    """File name of a shard; not gzipped, as crops are compressed already."""
    return f"data-{number:05d}-of-{total:05d}.tfrecord"


def shards_there(examples_uri: str | Path, split: str) -> list[Path]:
    """What lies among the shards of a split, in order: for looking at, not for working with.

    Earlier versions numbered the features' and predictions' shards over all splits.
    """
    folder = split_dir(examples_uri, split)
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def shards(examples_uri: str | Path, split: str) -> list[Path]:
    """The shards of a split in their order; none is an empty list.

    Raises:
        DamagedShards: not all of the number that their names tell are there, or something else
            lies among them.
    """
    folder = split_dir(examples_uri, split)
    found = shards_there(examples_uri, split)
    sets: dict[tuple[str, str, str | None], set[int]] = {}
    for path in found:
        match = _NAME.fullmatch(path.name)
        if match is None or not path.is_file():
            raise _damaged(folder, f"{path} lies among shards and is none")
        kind, number, total, suffix = match.group("kind", "number", "total", "suffix")
        sets.setdefault((kind, total, suffix), set()).add(int(number))
    if len(sets) > 1:
        raise _damaged(
            folder, f"{folder} holds shards of {len(sets)} sets, {found[-1].name} among them"
        )
    for (kind, total, suffix), there in sets.items():
        missing = [number for number in range(int(total)) if number not in there]
        if missing:
            names = [f"{kind}-{number:05d}-of-{total}{suffix or ''}" for number in missing]
            raise _damaged(folder, f"{folder} lacks {first_few(names, _SHOWN)}")
    return found


def _damaged(split: Path, what: str) -> DamagedShards:
    return DamagedShards(
        f"{what}. Remove {split.parent} and run again, the rebuild first if it is of one: it is"
        " made anew"
    )


def _cause(error: Exception) -> str:
    # TensorFlow says in which function of which graph, before it says what.
    return str(getattr(error, "message", error)).rpartition("}} ")[2]


def write_shard(path: Path, records: Iterable[bytes]) -> int:
    """Writes records to a TFRecord file that appears only when it is whole.

    Returns:
        the number of records.

    Raises:
        AffectflowError: the disk is full or the folder cannot be written.
    """
    import tensorflow as tf

    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    try:
        # Hidden until then: TFX and Beam read everything else in the folder.
        with whole_file(path) as part, tf.io.TFRecordWriter(str(part)) as writer:
            for record in records:
                writer.write(record)
                count += 1
    except tf.errors.OpError as error:
        raise AffectflowError(
            f"{path}: cannot be written ({error.message}); free some space or choose another"
            " --workspace, then run again: what is done is kept"
        ) from error
    return count


def read_shard(path: Path, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Yields the serialized records [start, stop) of a shard, one in memory at a time.

    Raises:
        DamagedShards: it is gone or damaged, or ends before ``stop``.
    """
    import tensorflow as tf

    records = tf.data.TFRecordDataset(str(path), buffer_size=1 << 20).skip(start)
    if stop is not None:
        records = records.take(stop - start)
    given = 0
    try:
        for record in records.as_numpy_iterator():
            yield record
            given += 1
    except (tf.errors.DataLossError, tf.errors.NotFoundError) as error:
        raise _damaged(
            path.parent, f"{path} cannot be read from record {start + given} ({_cause(error)})"
        ) from error
    if stop is not None and given < stop - start:
        raise _damaged(path.parent, f"{path} ends after {start + given} records of {stop} expected")


def transformed_records(files: Sequence[str | Path]) -> tf.data.Dataset:
    """The serialized records of some shards as Transform writes them, shard after shard."""
    import tensorflow as tf

    paths = sorted(map(str, files))
    # Transform writes gzip.
    compression = "GZIP" if paths and paths[0].endswith(".gz") else ""
    return tf.data.TFRecordDataset(paths, compression_type=compression)
