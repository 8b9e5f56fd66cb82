"""How a page looks: in light and dark, on paper, and narrow."""

STYLE = """
:root { color-scheme: light dark; --ground: light-dark(#ffffff, #111111);
  --ink: light-dark(#1a1a1a, #e6e6e6); --quiet: light-dark(#595959, #a3a3a3);
  --line: light-dark(#d4d4d4, #3d3d3d); --bad: light-dark(#b00020, #ff8a80);
  --good: light-dark(#1b6e20, #81c784); --link: light-dark(#0b57a4, #8ab8ff);
  --soft: light-dark(#f4f4f5, #1c1c1e); }
* { box-sizing: border-box; }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  max-width: 68rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 3rem 0 1rem; padding-bottom: .3rem;
  border-bottom: 2px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .4rem; }
p, li, dd { max-width: 46rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; }
ul { margin: .4rem 0; padding-left: 1.3rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
  outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; padding: .7rem 1rem;
  background: var(--soft); border-radius: .4rem; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem 1rem .3rem 0; font-weight: 400;
  border-bottom: 1px solid var(--line); white-space: pre-line; overflow-wrap: break-word;
  max-width: 30rem; }
thead th { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1.2rem 0; overflow-x: auto; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { color: var(--quiet); font-size: .85rem; margin-top: .3rem; overflow-wrap: anywhere; }
.faces { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem; }
.faces figure { margin: 0; }
.faces img { width: 96px; height: 96px; object-fit: contain; border-radius: .3rem;
  background: var(--soft); }
details { margin: .8rem 0; }
summary { cursor: pointer; color: var(--link); }
pre { font-size: .82rem; overflow-x: auto; background: var(--soft); padding: .8rem;
  border-radius: .4rem; }
pre.text { white-space: pre-wrap; }
.failed, .refused { color: var(--bad); }
.complete, .blessed { color: var(--good); }
.quiet { color: var(--quiet); font-size: .9rem; }
@media print {
  :root { color-scheme: light; }
  nav, .skip { display: none; }
  body { max-width: none; font-size: 11pt; }
  figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""
