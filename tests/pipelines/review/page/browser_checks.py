"""What is asked of an open page; each gives what is wrong with it, [] where nothing is."""

from __future__ import annotations

from typing import Any

LEAST_CONTRAST = 4.5
"""Of text and ground: WCAG 2.2, 1.4.3."""

_FIGURES = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
  const box = svg.getBoundingClientRect();
  const marks = [...svg.querySelectorAll('path,rect,circle,ellipse,line,polyline,text,use,image')]
    .filter(mark => !mark.closest('defs,clipPath')).length;
  const said = `${svg.id}: ${box.width}x${box.height}, ${marks} marks`;
  // The first mark of a figure is its ground.
  return box.width > 50 && box.height > 50 && marks > 1 ? [] : [said];
})"""

_PICTURES = """() => Promise.all([...document.querySelectorAll('img, svg image')].map(async one => {
  const picture = new Image();
  picture.src = one.src || one.getAttribute('href');
  await picture.decode().catch(() => {});
  return picture.naturalWidth > 0 ? null : picture.src.slice(0, 80);
})).then(found => found.filter(one => one !== null))"""

_HEADINGS = """() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(
  heading => [Number(heading.tagName[1]), heading.textContent.trim()])"""

_OVERFLOW = """() => {
  const root = document.documentElement;
  return root.scrollWidth > root.clientWidth ? [`${root.scrollWidth} > ${root.clientWidth}`] : [];
}"""

_FOCUSABLE = """() => [...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
  .filter(one => one.checkVisibility()).map((one, at) => one.dataset.at = String(at))"""

_FOCUSED = "() => document.activeElement.dataset.at ?? null"

_CONTRAST = """least => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  const over = (colour, ground) => {
    pen.fillStyle = ground; pen.fillRect(0, 0, 1, 1);
    pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const css = rgb => `rgb(${rgb.join(',')})`;
  const probe = document.body.appendChild(document.createElement('div'));
  probe.style.background = 'Canvas';
  const page = getComputedStyle(probe).backgroundColor;
  probe.remove();
  const ground = one => {
    const chain = [];
    for (; one; one = one.parentElement) chain.unshift(getComputedStyle(one).backgroundColor);
    return css(chain.reduce((under, colour) => over(colour, css(under)), over(page, 'white')));
  };
  const light = rgb => rgb.map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0);
  const wrong = [];
  for (const one of document.querySelectorAll(
      'h1,h2,h3,h4,p,li,th,td,caption,figcaption,summary,a,svg text')) {
    if (!one.textContent.trim()) continue;
    const style = getComputedStyle(one), under = ground(one);
    const colour = one.closest('svg') ? style.fill : style.color;
    const [a, b] = [light(over(colour, under)), light(over(under, under))].sort((x, y) => y - x);
    const contrast = (a + .05) / (b + .05);
    if (contrast < least) wrong.push(`${one.tagName} ${one.textContent.slice(0, 40)}: ${contrast}`);
  }
  return wrong;
}"""


def unfold(page: Any) -> None:
    """Opens all that is folded away."""
    page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")


def empty_figures(page: Any) -> list[str]:
    """Figures of no size, or with nothing on them."""
    return page.evaluate(_FIGURES)


def broken_pictures(page: Any) -> list[str]:
    """Pictures that cannot be decoded, also those within figures."""
    return page.evaluate(_PICTURES)


def disorder(page: Any) -> list[str]:
    """Headings that leave out a level; a page with no or several of the first."""
    found = page.evaluate(_HEADINGS)
    levels = [level for level, _ in found]
    wrong = [] if levels.count(1) == 1 else [f"{levels.count(1)} headings of level 1"]
    return wrong + [
        f"{text}: {level} after {before}"
        for before, (level, text) in zip([0, *levels], found)
        if level > before + 1 or not text
    ]


def overflow(page: Any) -> list[str]:
    """A page that is wider than its window; what scrolls within itself may be."""
    return page.evaluate(_OVERFLOW)


def unreachable(page: Any) -> list[str]:
    """Links, folded parts and what scrolls that the tab key does not come to."""
    wanted = page.evaluate(_FOCUSABLE)
    reached = set()
    for _ in range(len(wanted) + 2):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(_FOCUSED))
    return [at for at in wanted if at not in reached]


def too_pale(page: Any) -> list[str]:
    """Text whose contrast to what is behind it is too low."""
    return page.evaluate(_CONTRAST, LEAST_CONTRAST)
