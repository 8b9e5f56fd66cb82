"""What was made from what: from the corpus to the release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.node_names import DENSITY_SAMPLER, VIDEO_EXAMPLE_GEN
from pipelines.review.facts import NodeFacts, RunDetail
from pipelines.review.page.parts import Section, figure, paragraph, table
from pipelines.review.page.words import count, page_link
from pipelines.review.places import output_of

CORPUS, REBUILD, RELEASE, RESULT = "corpus", "step of the rebuild", "step of the release", "release"


def section(run: RunDetail, rebuild: RunDetail | None) -> Section:
    """The graph of nodes, and the digests by which data and models are known.

    Args:
        rebuild: whose data the run works on: itself for a rebuild; None when not known.
    """

    def draw() -> Any:
        from affectflow.figures import LineageNode, lineage_graph

        boxes, edges = graph(run, rebuild)
        nodes = [LineageNode(*box) for box in boxes]
        return lineage_graph(nodes, edges, figure_id="lineage-graph")

    body = figure(draw) + paragraph(
        "An arrow leads from what was used to what used it. Steps of another run lead to its page."
    )
    rows = [(name, digest) for name, digest in _digests(run, rebuild) if digest]
    if rows:
        body += table(("what", "SHA-256 of its content"), rows)
    return Section("lineage", "Lineage: what was made from what", body)


Box = tuple[str, str, str, str | None]
"""id, label, kind, address."""


def graph(run: RunDetail, rebuild: RunDetail | None) -> tuple[list[Box], list[tuple[str, str]]]:
    """Boxes and arrows; importers, which only hand on, are passed over where the maker is known."""
    corpus = str(run.settings.get("corpus") or "corpus")
    clips = run.clips.get("listed")
    said = f"{corpus}, {count(clips)} videos" if isinstance(clips, int) else corpus
    boxes: list[Box] = [("corpus", said, CORPUS, None)]
    edges: list[tuple[str, str]] = []
    made: dict[str, str] = {}
    if rebuild is not None:
        href = page_link(rebuild.facts.run_id) if rebuild is not run else None
        _add(rebuild.nodes, REBUILD, href, boxes, edges, made)
    if rebuild is not run:
        _add(run.nodes, RELEASE, None, boxes, edges, made)
    known = {box[0] for box in boxes}
    first = f"{REBUILD}/{VIDEO_EXAMPLE_GEN}"
    if first in known:
        edges.append(("corpus", first))
    for node in run.nodes if rebuild is None else ():
        if node.state == "imported":
            edges.append(("corpus", f"{RELEASE}/{node.node}"))
    edges += _releases(run, boxes, known)
    return boxes, edges


def _add(
    nodes: tuple[NodeFacts, ...],
    kind: str,
    href: str | None,
    boxes: list[Box],
    edges: list[tuple[str, str]],
    made: dict[str, str],
) -> None:
    for node in nodes:
        name = f"{kind}/{node.node}"
        if node.state == "imported" and all(a.uri in made for a in node.outputs):
            continue
        state = "" if node.state in ("run", "imported", "cached") else f" ({node.state})"
        boxes.append((name, f"{node.node}{state}", kind, href))
        used = dict.fromkeys(made[a.uri] for a in node.inputs if a.uri in made)
        edges += [(maker, name) for maker in used if maker != name]
        for artifact in node.outputs:
            if artifact.uri:
                made[artifact.uri] = name


def _releases(run: RunDetail, boxes: list[Box], known: set[str]) -> Iterator[tuple[str, str]]:
    """The release that came of it, and those that it began from and was compared with."""
    facts = run.facts
    pusher = f"{RELEASE}/Pusher"
    if facts.release is not None and pusher in known:
        boxes.append(("made", f"release {facts.release}", RESULT, None))
        yield pusher, "made"
    if facts.started_from:
        name = facts.started_from.get("number") or facts.started_from.get("release") or "?"
        boxes.append(("started", f"release {name}, whose weights it began with", RESULT, None))
        for node in run.nodes:
            if node.node.endswith("Trainer") and f"{RELEASE}/{node.node}" in known:
                yield "started", f"{RELEASE}/{node.node}"
    if facts.compared_with is not None and f"{RELEASE}/BaselinePredictor" in known:
        boxes.append(("compared", f"release {facts.compared_with}, to compare with", RESULT, None))
        yield "compared", f"{RELEASE}/BaselinePredictor"


def _digests(run: RunDetail, rebuild: RunDetail | None) -> Iterator[tuple[str, str]]:
    yield "videos and annotations", run.facts.corpus_digest
    balanced = output_of(rebuild, DENSITY_SAMPLER, "balanced") if rebuild else None
    found = str(balanced.properties.get("content_digest") or "") if balanced else ""
    yield "balanced frames", found or str(run.data.get("digest") or "")
    yield "evaluated frames", str((run.summary or {}).get("digest") or "")
    if run.facts.started_from:
        yield "weights that it began with", str(run.facts.started_from.get("digest") or "")
