"""affectflow: from annotated face video to a gated valence-arousal release."""

__version__ = "0.1.0"
