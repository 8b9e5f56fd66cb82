"""Keras compiles with XLA wherever it can, which these networks must not have.

Measured on two cores: XLA trains the frame model at a third of the speed and the sequence model at
a third too, and it compiles anew for each length of a sequence.
"""

from __future__ import annotations

import keras


def without_xla(model: keras.Model) -> keras.Model:
    """The same model, whose ``predict`` runs as a plain graph; ``compile`` has its own switch."""
    model.jit_compile = False
    return model
