"""TFRecord shards that are whole or absent, in TFX's folder layout."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from affectflow.errors import AffectflowError

if TYPE_CHECKING:
    import tensorflow as tf


def split_dir(examples_uri: str | Path, split: str) -> Path:
    """The folder of a split below the URI of a TFX Examples artifact."""
    return Path(examples_uri) / f"Split-{split}"


def shard_name(number: int, total: int) -> str:
    """File name of a shard; not gzipped, as crops are compressed already."""
    return f"data-{number:05d}-of-{total:05d}.tfrecord"


def shards(examples_uri: str | Path, split: str) -> list[Path]:
    """The shards of a split in their order; none is an empty list."""
    folder = split_dir(examples_uri, split)
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def write_shard(path: Path, records: Iterable[bytes]) -> int:
    """Writes records to a TFRecord file that appears only when it is whole.

    Returns:
        the number of records.

    Raises:
        AffectflowError: the disk is full or the folder cannot be written.
    """
    import tensorflow as tf

    path.parent.mkdir(parents=True, exist_ok=True)
    # Dot first: TFX and Beam read everything else in the folder.
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    count = 0
    try:
        with tf.io.TFRecordWriter(str(part)) as writer:
            for record in records:
                writer.write(record)
                count += 1
        os.replace(part, path)
    except tf.errors.OpError as error:
        raise AffectflowError(
            f"{path}: cannot be written ({error.message}); free some space or choose another"
            " --workspace, then run again: what is done is kept"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return count


def read_shard(path: Path, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Yields the serialized records [start, stop) of a shard, one in memory at a time."""
    import tensorflow as tf

    records = tf.data.TFRecordDataset(str(path), buffer_size=1 << 20).skip(start)
    yield from (records if stop is None else records.take(stop - start)).as_numpy_iterator()


def transformed_records(files: Sequence[str | Path]) -> tf.data.Dataset:
    """The serialized records of some shards as Transform writes them, shard after shard."""
    import tensorflow as tf

    paths = sorted(map(str, files))
    # Transform writes gzip.
    compression = "GZIP" if paths and paths[0].endswith(".gz") else ""
    return tf.data.TFRecordDataset(paths, compression_type=compression)
