"""CREMA-D and RAVDESS in two folders, for a model that is trained on the first and tested on both.

``cremad/`` as the layout ``cremad`` has it, ``ravdess/`` as ``ravdess``.
"""

from __future__ import annotations

from affectflow.synth.paired import Paired

__all__ = ["finish", "is_written", "plan", "write"]

_PAIR = Paired({"cremad": "CREMA-D", "ravdess": "RAVDESS"})

plan, is_written, write, finish = _PAIR.plan, _PAIR.is_written, _PAIR.write, _PAIR.finish
