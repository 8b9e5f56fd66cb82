"""CK+ and JAFFE: paper 0's first experiment."""

from __future__ import annotations

from affectflow.corpora.pair import Member, Pair


class CkPlusJaffe(Pair):
    """Trained on CK+, tested on the rest of it and on all of JAFFE (paper 0, Sec. VI-A, Table I).

    The root holds the folders ``ckplus`` (also ``CK+``, ``CK-plus`` or ``CohnKanade``) and
    ``jaffe``, each as :mod:`affectflow.corpora.ckplus` and :mod:`affectflow.corpora.jaffe` say.
    """

    name = "ckplus_jaffe"
    first = Member("ckplus", ("ckplus", "ck+", "ck-plus", "cohnkanade"))
    second = Member("jaffe", ("jaffe",))


ADAPTER = CkPlusJaffe
