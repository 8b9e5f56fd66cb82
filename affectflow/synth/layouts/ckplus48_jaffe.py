"""CK+48 and JAFFE in two folders, for a model that is trained on the first and tested on both.

``ckplus48/`` as the layout ``ckplus48`` has it, ``jaffe/`` as ``jaffe``.
"""

from __future__ import annotations

from affectflow.synth.paired import Paired

__all__ = ["finish", "is_written", "plan", "write"]

_PAIR = Paired({"ckplus48": "CK+48", "jaffe": "JAFFE"})

plan, is_written, write, finish = _PAIR.plan, _PAIR.is_written, _PAIR.write, _PAIR.finish
