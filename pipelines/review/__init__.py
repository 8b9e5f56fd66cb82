"""Facts of past runs, apart from how they are shown: tables, JSON and pages have the same source.

Read from ML Metadata and from the files of a workspace, of which any may be gone or damaged: what
is known is said, and what is missing is named. Nothing here imports TFX.
"""
