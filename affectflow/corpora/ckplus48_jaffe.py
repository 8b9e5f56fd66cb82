"""CK+48 and JAFFE: paper 0's first experiment, with the crops of CK+ that are easy to come by."""

from __future__ import annotations

from affectflow.corpora.pair import Member, Pair


class CkPlus48Jaffe(Pair):
    """Trained on CK+48, tested on the rest of it and on all of JAFFE.

    The root holds the folders ``ckplus48`` (also ``CK+48``, or as CK+ may be called) and ``jaffe``,
    each as :mod:`affectflow.corpora.ckplus48` and :mod:`affectflow.corpora.jaffe` say.
    """

    name = "ckplus48_jaffe"
    first = Member("ckplus48", ("ckplus48", "ck+48", "ckplus", "ck+", "ck-plus"))
    second = Member("jaffe", ("jaffe",))


ADAPTER = CkPlus48Jaffe
