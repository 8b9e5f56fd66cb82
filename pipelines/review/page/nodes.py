"""What each node of a run did and gave."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.review.facts import ArtifactFacts, NodeFacts, RunDetail
from pipelines.review.page.parts import Number, Section, items, paragraph, table
from pipelines.review.page.words import took, when

_STATES = {
    "run": "it ran",
    "cached": "nothing had changed, so an earlier run's result was taken",
    "imported": "another pipeline's result was taken",
    "skipped": "it ran, and did nothing to go on from; why stands beside it",
    "failed": "it failed",
    "running": "it is at work",
    "interrupted": "it stopped before its end",
    "not begun": "its turn has not come",
}


def section(run: RunDetail, root: str) -> Section:
    """A row a node, in the order in which they began.

    Args:
        root: the workspace's folder, which paths are shown from.
    """
    if not run.nodes:
        return Section("nodes", "Nodes", paragraph("No node has begun."))
    prefix = f"{root.rstrip('/')}/"
    rows = [
        (
            node.node,
            node.state,
            when(node.started) if node.started else "",
            Number(took(node.duration_s)),
            Number("" if node.execution_id is None else str(node.execution_id)),
            "\n".join(_gave(node, run.facts.run_id, prefix)),
        )
        for node in run.nodes
    ]
    states = dict.fromkeys(node.state for node in run.nodes)
    body = table(("node", "state", "began", "took", "execution", "what it gave"), rows)
    body += items(f"{state}: {_STATES[state]}" for state in states if state in _STATES)
    body += paragraph(f"Paths are below {root}. Executions are those of ML Metadata.")
    return Section("nodes", "Nodes", body)


def _gave(node: NodeFacts, run_id: str, prefix: str) -> Iterator[str]:
    if node.why:
        yield node.why
    if node.attempts > 1:
        yield f"attempt {node.attempts}"
    for artifact in node.outputs:
        said = f"{artifact.key}: {artifact.uri.removeprefix(prefix)}"
        if artifact.made_by not in ("", run_id):
            said += f" (of {artifact.made_by})"
        if not artifact.exists and not _is_a_mark(artifact):
            said += " (files deleted)"
        yield said


def _is_a_mark(artifact: ArtifactFacts) -> bool:
    """Whether there never was anything: what a Pusher gives stands in the artifact itself."""
    return artifact.type == "PushedModel"
