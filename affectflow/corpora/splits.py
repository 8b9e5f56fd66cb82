"""Splits by subject: who is trained on and who is kept for evaluation, by a hash of the name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from affectflow.errors import InputError


def assign_splits(subjects: Iterable[str], eval_fraction: float, seed: int) -> dict[str, str]:
    """The split of each subject.

    A subject is in ``eval`` when sha256 of (seed, subject), as a number in [0, 1), is below
    ``eval_fraction``: it does not depend on the other subjects, so adding some moves nobody.
    The one exception: with two subjects or more neither split is left empty; if the rule leaves
    one so, the subject nearest to the bound goes there (and goes back once others are there).
    A single subject is in ``train``.

    Args:
        subjects: names; repeated ones count once.
        eval_fraction: expected share of subjects in ``eval``, in (0, 1).
        seed: another seed, another split.
    """
    position = {subject: _position(subject, seed) for subject in sorted(set(subjects))}
    held_out = {subject for subject, at in position.items() if at < eval_fraction}
    if len(position) > 1 and not held_out:
        held_out = {min(position, key=position.__getitem__)}
    elif held_out and len(held_out) == len(position):
        held_out.remove(max(position, key=position.__getitem__))
    return {subject: "eval" if subject in held_out else "train" for subject in position}


def splits_itself(corpus: str) -> InputError:
    """The error for ``split_by=image`` where a corpus's own files say who is held out."""
    return InputError(
        f"split_by is 'image', but {corpus} is split by its own files, or else by subject;"
        " split_by=subject would do"
    )


def _position(subject: str, seed: int) -> float:
    text = f"{seed}\0{subject}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") / 2**64
