"""Reading a page as a browser would, and complaining as a browser does not."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "img", "link", "br", "hr", "input", "base"}
VOID |= {"path", "use", "rect", "image"}  # where an svg writes them closed


class Page(HTMLParser):
    """Tags, texts and attributes of a page.

    Attributes:
        wrong: what is not well-formed, in words.
        ids: every id, as often as it occurs.
        addresses: every src and href.
        styles: every sheet, and every style that a tag has of its own.
        without_alt: tags of pictures that say nothing to those who do not see them.
    """

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.texts, self.ids, self.addresses = [], [], [], []
        self.wrong, self.without_alt, self._open = [], [], []
        self.styles = []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is not closed" for tag in self._open]

    @property
    def text(self) -> str:
        """All that a person may read, in one."""
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag, attributes):
        self._found(tag, dict(attributes))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self._found(tag, dict(attributes))

    def handle_endtag(self, tag):
        if tag in VOID and (not self._open or self._open[-1] != tag):
            return
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        if self._open and self._open[-1] in ("style", "script"):
            self.styles.append(data)
            return
        self.texts.append(data)

    def _found(self, tag, attributes):
        self.tags.append(tag)
        self.styles.append(attributes.get("style") or "")
        if "id" in attributes:
            self.ids.append(attributes["id"])
        self.addresses += [attributes[n] for n in ("src", "href", "xlink:href") if n in attributes]
        self.wrong += [f"<{tag}> obeys {n}" for n in attributes if n.startswith("on")]
        if tag == "img" and not attributes.get("alt"):
            self.without_alt.append(tag)
        if tag == "svg" and not attributes.get("aria-labelledby"):
            self.without_alt.append(tag)


def check(text: str) -> Page:
    """A page that is well-formed, stands alone and says of every picture what it shows."""
    page = Page(text)
    assert not page.wrong
    assert len(page.ids) == len(set(page.ids))
    assert not page.without_alt
    for address in page.addresses:
        assert address.startswith(("#", "data:image/")) or ":" not in address, address
        assert not address.startswith("//")
        if address.startswith("#"):
            assert address[1:] in page.ids, address
    assert not {"script", "iframe", "object", "embed", "form", "link", "base"} & set(page.tags)
    assert not [style for style in page.styles if "url(http" in style or "@import" in style]
    return page
