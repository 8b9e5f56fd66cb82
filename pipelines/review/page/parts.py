"""What the sections of a page are made of. Whatever comes from a file is escaped here."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # A page without figures, which a run writes after every node, does not wait for Matplotlib.
    from affectflow.figures import Svg


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes:
        id: of its heading, for links within the page.
        title: its heading, as text.
        body: HTML.
    """

    id: str
    title: str
    body: str


@dataclass(frozen=True)
class Number:
    """A cell that stands to the right, with the others of its column."""

    text: str


@dataclass(frozen=True)
class Link:
    """A cell that leads somewhere.

    Attributes:
        text: what it says.
        href: a relative address; "" = nowhere, which leaves the text.
    """

    text: str
    href: str


Cell = str | Number | Link


def paragraph(text: str) -> str:
    """A paragraph of text."""
    return f"<p>{html.escape(text)}</p>"


def items(texts: Iterable[str]) -> str:
    """A list of texts; nothing where there is none."""
    found = "".join(f"<li>{html.escape(text)}</li>" for text in texts)
    return f"<ul>{found}</ul>" if found else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[Cell]], caption: str = "") -> str:
    """A table of texts; the first cell of a row is its heading."""
    told = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
    body = "".join(f"<tr>{_row(row)}</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0"><table>{told}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def figure(draw: Callable[[], Svg]) -> str:
    """What ``draw`` draws, with its caption; where there is nothing to draw, why."""
    from affectflow.figures import NothingToDraw

    try:
        drawn = draw()
    except NothingToDraw as error:
        return paragraph(str(error))
    return f"<figure>{drawn}<figcaption>{html.escape(drawn.heading)}</figcaption></figure>"


def details(summary: str, body: str) -> str:
    """HTML that is folded away until its summary is opened."""
    return f"<details><summary>{html.escape(summary)}</summary>{body}</details>"


def link(text: str, href: str) -> str:
    """A text that leads to a relative address; "" leaves the text."""
    said = html.escape(text)
    return f'<a href="{html.escape(href)}">{said}</a>' if href else said


def _row(cells: Sequence[Cell]) -> str:
    parts = []
    for at, cell in enumerate(cells):
        if isinstance(cell, Link):
            text = link(cell.text, cell.href)
        else:
            text = html.escape(cell.text if isinstance(cell, Number) else cell)
        kind = ' class="number"' if isinstance(cell, Number) else ""
        parts.append(f'<th scope="row">{text}</th>' if at == 0 else f"<td{kind}>{text}</td>")
    return "".join(parts)
