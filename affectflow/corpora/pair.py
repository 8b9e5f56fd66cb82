"""Two corpora as one: trained on the first, tested on what is held out of it and on the second."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings, check_subjects, get_adapter
from affectflow.corpora.clip import Clip
from affectflow.corpora.files import require_folder
from affectflow.corpora.labels import Labels
from affectflow.errors import InputError

_EXAMPLES = 5


@dataclass(frozen=True)
class Member:
    """One corpus of a pair.

    Attributes:
        corpus: name of its adapter.
        folders: what its folder may be called, in any case; the first is what is asked for.
    """

    corpus: str
    folders: tuple[str, ...]

    def folder(self, root: Path) -> Path:
        """The corpus's folder, or link to one, in the pair's.

        Raises:
            InputError: there is none, or there are several.
        """
        below = sorted(path for path in root.iterdir() if path.is_dir())
        found = [path for path in below if path.name.casefold() in self.folders]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                f"{root} holds several folders of {self.corpus}: "
                f"{', '.join(path.name for path in found)}; keep one of them"
            )
        shown = [path.name for path in below if not path.name.startswith(".")]
        more = ", …" if len(shown) > _EXAMPLES else ""
        raise InputError(
            f"{root} holds no folder of {self.corpus}: looked for {' or '.join(self.folders)}, in"
            f" upper or lower case; found {', '.join(shown[:_EXAMPLES]) or 'no folder'}{more};"
            f" put {self.corpus}, or a link to it, into {root / self.folders[0]}"
        )


@dataclass(frozen=True)
class Pair:
    """Two corpora in two folders of one root, each as its own adapter says.

    Clips of the first are split as it is by itself; those of the second are all ``eval``, whatever
    its own split. A clip's ``corpus`` is that of the corpus that it is from, so metrics by corpus
    tell the two apart. Ids stay as each corpus gives them: those of the pairs that there are differ
    in form, and a pair in which they clash is refused.
    """

    name: str
    first: Member
    second: Member

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        require_folder(root)
        # Both are looked for before either is read: what is missing is said at once.
        folders = [member.folder(root) for member in (self.first, self.second)]
        clips = get_adapter(self.first.corpus).list_clips(folders[0], settings)
        # The second's people are people whatever the first is split by: all of them are held out.
        tested = get_adapter(self.second.corpus).list_clips(
            folders[1], replace(settings, split_by="subject")
        )
        clips += [replace(clip, split="eval") for clip in tested]
        check_subjects(clips)
        return sorted(clips, key=lambda clip: clip.video_id)

    def read_labels(self, clip: Clip) -> Labels | None:
        """As the corpus that the clip is from gives them."""
        return get_adapter(clip.corpus).read_labels(clip)


_JAFFE = Member("jaffe", ("jaffe",))

ADAPTERS = (
    # Paper 0's first experiment (Sec. VI-A, Table I).
    Pair("ckplus_jaffe", Member("ckplus", ("ckplus", "ck+", "ck-plus", "cohnkanade")), _JAFFE),
    # The same, with the crops of CK+ that are easy to come by.
    Pair(
        "ckplus48_jaffe",
        Member("ckplus48", ("ckplus48", "ck+48", "ckplus", "ck+", "ck-plus")),
        _JAFFE,
    ),
    # Paper 4's experiment (abstract).
    Pair(
        "cremad_ravdess",
        Member("cremad", ("cremad", "crema-d", "crema_d")),
        Member("ravdess", ("ravdess",)),
    ),
)
