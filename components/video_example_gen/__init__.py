"""VideoExampleGen: annotated videos in, shards of labelled face crops out."""
