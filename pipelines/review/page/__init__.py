"""A run's page: sections of HTML, each from the facts of the run, in one self-contained file."""
