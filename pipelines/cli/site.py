"""``affectflow site``: pages of all runs, with an index, as files that open in any browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import say, user_errors
from pipelines.cli.options import DEFAULT_WORKSPACE, WorkspacePath
from pipelines.cli.runs import MetadataAddress, opened
from pipelines.log_stream import output_is_a_log


def site(
    workspace: WorkspacePath = DEFAULT_WORKSPACE,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the pages; <workspace>/reports by default."),
    ] = None,
    pictures: Annotated[
        bool,
        typer.Option(
            "--pictures/--no-pictures",
            envvar="AFFECTFLOW_REPORT_PICTURES",
            help="Show a few faces of the corpus. Faces are personal data.",
        ),
    ] = True,
    everything: Annotated[
        bool, typer.Option("--all", help="Every page anew, not only what has changed.")
    ] = False,
    metadata: MetadataAddress = "",
) -> None:
    """Write a page a run and an index of all, to be opened from the disk or put on a server."""
    written = [out or workspace]
    with (
        user_errors(folders=written),
        output_is_a_log(),
        opened(workspace, metadata) as (place, store),
    ):
        from affectflow.errors import InputError
        from pipelines.review.runs import Sources
        from pipelines.review.site import write_site

        folder = (out or place.reports).resolve()
        try:
            done = write_site(
                Sources.of(place, store),
                folder,
                pictures,
                everything,
                lambda run_id: say(f"  page  {run_id}"),
            )
        except OSError as error:
            raise InputError(
                f"the pages cannot be written to {folder} ({error.strerror}); another folder would"
                " do: --out names one"
            ) from error
        for run_id, why in done.failed:
            say(f"  {run_id} has no page: {why}")
        say(f"{len(done.written)} pages written, {len(done.kept)} kept: {done.index}")
