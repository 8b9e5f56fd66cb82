"""Two corpora in two folders of one root, read as one."""

from __future__ import annotations

from collections import Counter

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.listing import list_clips
from affectflow.synth import SynthSettings
from affectflow.synth.layouts import get_layout
from tests.affectflow.synth.rendered_files import files

PAIRS = ("ckplus48_jaffe", "ckplus_jaffe", "cremad_ravdess")


def halves(root) -> tuple[dict[str, str], set[str]]:
    """The files of the folders, and those beside them."""
    found = files(root)
    return {k: v for k, v in found.items() if "/" in k}, {k for k in found if "/" not in k}


@pytest.mark.usefixtures("unfilmed")
@pytest.mark.parametrize("layout", PAIRS)
def test_each_folder_is_that_corpus_as_it_is_by_itself(render, layout):
    corpus = render(layout, subjects=2, seed=3)
    first, second = layout.split("_")
    inside, beside = halves(corpus.root)
    assert beside == {"README.txt", "synth.json"}
    expected = {}
    # The second is of the next seed: nobody of the first stands in it.
    for name, seed in ((first, 3), (second, 4)):
        alone = files(render(name, into=name, subjects=2, seed=seed).root)
        expected |= {f"{name}/{path}": d for path, d in alone.items() if path != "synth.json"}
    assert inside == expected
    assert corpus.frames > 0

    clips = list_clips(layout, corpus.root, CorpusSettings())
    assert {clip.split for clip in clips if clip.corpus == second} == {"eval"}
    for name in (first, second):
        own = get_adapter(name).list_clips(corpus.root / name, CorpusSettings())
        assert Counter(clip.corpus for clip in clips)[name] == len(own)


@pytest.mark.usefixtures("unfilmed")
def test_only_what_is_missing_is_rendered(render):
    corpus = render("cremad_ravdess")
    (gone,) = corpus.root.glob("ravdess/Actor_01/01-01-03-*.mp4")
    gone.unlink()
    again = render("cremad_ravdess")
    assert again.rendered == 1
    assert gone.exists()


@pytest.mark.parametrize("layout", PAIRS)
def test_names_of_scripts_are_unique(layout):
    scripts = get_layout(layout).plan(SynthSettings(layout=layout, subjects=3, clips=1))
    assert len({script.name for script in scripts}) == len(scripts)
    assert {script.name.partition("/")[0] for script in scripts} == set(layout.split("_"))
