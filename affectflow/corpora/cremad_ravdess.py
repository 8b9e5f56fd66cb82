"""CREMA-D and RAVDESS: paper 4's experiment."""

from __future__ import annotations

from affectflow.corpora.pair import Member, Pair


class CremaDRavdess(Pair):
    """Trained on CREMA-D, tested on the rest of it and on all of RAVDESS (paper 4, abstract).

    The root holds the folders ``cremad`` (also ``CREMA-D`` or ``crema_d``) and ``ravdess``, each as
    :mod:`affectflow.corpora.cremad` and :mod:`affectflow.corpora.ravdess` say.
    """

    name = "cremad_ravdess"
    first = Member("cremad", ("cremad", "crema-d", "crema_d"))
    second = Member("ravdess", ("ravdess",))


ADAPTER = CremaDRavdess
