"""Faces of one person in a clip: detected, followed, aligned and stored."""
