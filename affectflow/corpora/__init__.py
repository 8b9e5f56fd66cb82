"""Corpora: which clips there are, who is in them, their split and what their labels say."""
