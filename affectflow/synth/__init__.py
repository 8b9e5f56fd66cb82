"""Rendered corpora: one photograph of a face, moved by known valence and arousal."""

from affectflow.synth.corpus import RenderedCorpus, render_corpus
from affectflow.synth.settings import SynthSettings

__all__ = ["RenderedCorpus", "SynthSettings", "render_corpus"]
