"""When a build does not go on: too many clips are rejected, or a split is left without any."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from affectflow.corpora.clip import SPLITS, Clip
from affectflow.corpora.duplicates import CAUSE as DUPLICATE
from affectflow.errors import AffectflowError
from affectflow.records.rejects import group_rejects
from components.video_example_gen.report import ClipReport

logger = logging.getLogger(__name__)


class TooManyRejects(AffectflowError):
    """More clips were rejected than the build is allowed to go on without."""

    retry = False


class EmptySplit(AffectflowError):
    """Every clip of a split was rejected."""

    retry = False


def check_rejects(reports: Sequence[ClipReport], limit: float) -> None:
    """Makes sure that no larger share of the clips was rejected.

    Training clips that are left out because an equal one is evaluated are not at fault and do not
    count.

    Raises:
        TooManyRejects: naming causes, with an example each.
    """
    rejected = [report for report in reports if report.cause not in ("", DUPLICATE)]
    if len(rejected) <= limit * len(reports):
        return
    _log(rejected)
    raise TooManyRejects(
        f"{len(rejected)} of {len(reports)} clips were rejected, more than"
        f" max_reject_share={limit} allows: {_in_words(rejected)}"
    )


def check_splits(clips: Sequence[Clip], reports: Sequence[ClipReport]) -> list[str]:
    """The splits that have clips, in order.

    Args:
        clips: all of the corpus.
        reports: what came of each.

    Raises:
        EmptySplit: nothing is left of a split that labelled clips stand in, or of all.
    """
    used = {report.split for report in reports if not report.cause}
    labelled = any(clip.labels is not None or clip.classes for clip in clips)
    for split in SPLITS:
        listed = [report for report in reports if report.split == split]
        if listed and split not in used and (labelled or not used):
            _log(listed)
            raise EmptySplit(
                f"all {len(listed)} clips of split {split} were rejected, so nothing is left to"
                f" {'train' if split == 'train' else 'evaluate'} on: {_in_words(listed)}"
            )
    return [split for split in SPLITS if split in used]


def _in_words(rejected: Sequence[ClipReport]) -> str:
    groups = group_rejects((r.video_id, r.cause, r.detail) for r in rejected)
    return "; ".join(group.told() for group in groups)


def _log(rejected: Sequence[ClipReport]) -> None:
    # TFX removes the outputs of an execution that fails, and with them rejects.jsonl.
    for report in rejected:
        logger.warning("rejected %s: %s: %s", report.video_id, report.cause, report.detail)
