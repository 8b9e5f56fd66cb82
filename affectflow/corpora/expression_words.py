"""The words by which corpora name expressions in files and folders."""

from __future__ import annotations

_WORDS: dict[str, tuple[str, ...]] = {
    "neutral": ("neutral",),
    "anger": ("anger", "angry"),
    "contempt": ("contempt",),
    "disgust": ("disgust", "disgusted"),
    "fear": ("fear", "fearful"),
    "joy": ("joy", "happy", "happiness"),
    "sadness": ("sadness", "sad"),
    "surprise": ("surprise", "surprised"),
    "embarrassment": ("embarrassment", "embarrass", "embarrassed"),
    "pride": ("pride", "proud"),
}

_EXPRESSIONS = {word: name for name, words in _WORDS.items() for word in words}


def expression_of(word: str) -> str:
    """The expression that a word means, as in ``affectflow.corpora.classes``; "" = none.

    Args:
        word: in upper or lower case, e.g. ``Happy``.
    """
    return _EXPRESSIONS.get(word.lower(), "")
