"""Texts from elsewhere as a terminal may see them."""

from __future__ import annotations

import unicodedata


def visible(text: object) -> str:
    r"""A text in which nothing moves the cursor or changes colours: ``\x1b``, not an escape.

    Names of files and runs may hold anything. What cannot be seen is written as in a Python
    string, marks that turn the direction of writing and halves of characters among it.
    """
    return "".join(char if _shown(char) else _escape(char) for char in str(text))


def _shown(character: str) -> bool:
    # C: controls, formats (of which some turn the direction), halves of pairs, unassigned.
    # Zl and Zp break lines.
    category = unicodedata.category(character)
    return not (category.startswith("C") or category in ("Zl", "Zp"))


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
