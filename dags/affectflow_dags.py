"""The DAG file: one Airflow DAG for each compiled pipeline (airflow dag)."""

from __future__ import annotations

from pathlib import Path

from airflow.sdk import get_parsing_context

from dags.graph import (
    COMPILED,
    CompiledError,
    Graph,
    compiled_files,
    incomplete_recipes,
    read_graph,
)
from dags.render import render
from dags.settings import SettingsError, read_airflow_settings, unknown_options


class ImportProblems(Exception):
    """Everything that is wrong with the compiled pipelines and the settings, a line each."""


def _register(folder: Path) -> None:
    wanted = get_parsing_context().dag_id
    problems: list[Exception] = []
    graphs: dict[Path, Graph] = {}
    settings = read_airflow_settings()
    for path in compiled_files(folder):
        # A task that is about to run needs its own pipeline only: what is wrong with another
        # must not stop it.
        if wanted not in (None, path.stem):
            continue
        try:
            graphs[path] = read_graph(path)
        except CompiledError as error:
            problems.append(error)
    unreadable = bool(problems)
    for graph in graphs.values():
        try:
            globals()[graph.pipeline] = render(graph, settings)
        except (CompiledError, SettingsError) as error:
            problems.append(error)
    if wanted is None and not unreadable:
        problems += incomplete_recipes(graphs)
        problems += unknown_options(settings, graphs.values())
    if problems:
        raise ImportProblems("\n".join(map(str, problems)))


# Beside this file, wherever a copy of it lies.
_register(Path(__file__).resolve().with_name(COMPILED.name))
