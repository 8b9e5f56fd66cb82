"""CK+ and JAFFE in two folders, for a model that is trained on the first and tested on both.

``ckplus/`` as the layout ``ckplus`` has it, ``jaffe/`` as ``jaffe``.
"""

from __future__ import annotations

from affectflow.synth.paired import Paired

__all__ = ["finish", "is_written", "plan", "write"]

_PAIR = Paired({"ckplus": "CK+", "jaffe": "JAFFE"})

plan, is_written, write, finish = _PAIR.plan, _PAIR.is_written, _PAIR.write, _PAIR.finish
