"""How a page looks: light and dark, on a wide screen, on a telephone and on paper. It asks for nothing from outside."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #f4f6f5; --card: #ffffff; --ink: #15201b; --soft: #56635c; --line: #dde4e0; --grid: #e8edea;
  --now: #1f7a52; --before: #c3ccc7; --before-edge: #8e9b94; --second: #a4630a; --more: #ab2f16; --less: #1f7a52;
  --hover: #15201b0d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0f1412; --card: #171e1b; --ink: #e7eeea; --soft: #9daca4; --line: #2a3530; --grid: #232d28;
    --now: #4fbf8b; --before: #46544d; --before-edge: #6d7d75; --second: #e6a23c; --more: #ff8f73; --less: #4fbf8b;
    --hover: #ffffff12;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 1240px; margin: 0 auto; padding: 40px 24px 56px; }
h1 { font-size: 30px; line-height: 1.2; letter-spacing: -.02em; margin: 6px 0 8px; font-weight: 680; }
h2 { font-size: 15px; margin: 0; font-weight: 650; }
p { margin: 0; }
.cause strong { font-weight: 650; }
.date { white-space: nowrap; }
.mark { color: var(--soft); font-size: 13px; }
.lead { margin-top: 4px; font-size: 17px; max-width: 74ch; color: var(--soft); }
.lead strong { color: var(--ink); font-weight: 620; }
.cause { margin-top: 20px; padding: 14px 18px; border-left: 4px solid var(--more); background: var(--card); border-radius: 0 10px 10px 0;
  font-size: 17px; }
.cause.calm { border-color: var(--now); } .cause.unsure { border-color: var(--second); }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin: 24px 0 12px; padding: 0; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.tile { padding: 14px 16px 12px; }
.tile.first { grid-column: span 2; } .tile.first dd { font-size: 40px; } .tile.first dd.aside { font-size: 15px; }
.tile dt { color: var(--soft); font-size: 13px; }
.tile dd { margin: 2px 0 0; font-size: 25px; line-height: 1.2; font-weight: 640; letter-spacing: -.015em; white-space: nowrap; }
.tile dd.aside { font-size: 13px; font-weight: 400; color: var(--soft); letter-spacing: 0; margin-top: 4px; white-space: normal; }
.more { color: var(--more); font-weight: 600; } .less { color: var(--less); font-weight: 600; }
.card { padding: 18px 20px 20px; margin-top: 12px; min-width: 0; }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 20px; align-items: baseline; margin-bottom: 14px; }
.note { color: var(--soft); font-size: 13px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; color: var(--soft); font-size: 13px; }
.legend svg { width: 22px; height: 10px; margin-right: 6px; }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 12px; margin-top: 12px; }
.row .card { margin-top: 0; }
.plot { position: relative; margin-left: 62px; height: 230px; }
.plot.low { height: 170px; }
.plot > svg { display: block; width: 100%; height: 100%; overflow: visible; }
.y { position: absolute; right: 100%; margin-right: 10px; transform: translateY(-50%); color: var(--soft); font-size: 12px; white-space: nowrap; }
.x { position: relative; height: 20px; margin: 6px 0 0 62px; color: var(--soft); font-size: 12px; }
.x span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.grid { stroke: var(--grid); stroke-width: 1; vector-effect: non-scaling-stroke; }
.base { stroke: var(--before-edge); }
.now { fill: var(--now); } .was { fill: var(--before); }
.hit { fill: transparent; } g:hover > .hit { fill: var(--hover); }
.mid, .high { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
.mid { stroke: var(--now); } .high { stroke: var(--second); stroke-dasharray: 6 5; }
.mid.dot { stroke-width: 15; } .high.dot { stroke-width: 8; stroke-dasharray: none; }
.bars { list-style: none; margin: 0; padding: 0; }
.bars li { padding: 5px 0 7px; }
.bars .what { display: flex; justify-content: space-between; gap: 14px; align-items: baseline; }
.bars .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; }
.bars .sum { white-space: nowrap; font-weight: 600; }
.bars .aside { color: var(--soft); font-size: 12.5px; }
.track { height: 6px; border-radius: 3px; background: var(--grid); margin: 4px 0 2px; overflow: hidden; }
.track i { display: block; height: 100%; border-radius: 3px; background: var(--now); min-width: 2px; }
.scroll { overflow-x: auto; margin: 0 -20px -8px; padding: 0 20px 8px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { padding: 7px 0 7px 12px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 550; vertical-align: bottom; }
th:first-child, td:first-child { padding-left: 0; }
.text { text-align: left; max-width: 220px; overflow: hidden; text-overflow: ellipsis; }
tbody th { color: var(--ink); font-weight: 450; }
tbody tr:hover { background: var(--hover); }
tfoot th, tfoot td { font-weight: 650; border-bottom: 0; color: var(--ink); }
details { margin-top: 14px; font-size: 13px; color: var(--soft); } summary { cursor: pointer; }
details .scroll { margin-top: 8px; }
.plain { margin: 0; padding-left: 18px; } .plain li { margin: 5px 0; } .plain li::marker { color: var(--soft); }
footer { margin-top: 28px; color: var(--soft); font-size: 13px; max-width: 90ch; }
@media (max-width: 560px) {
  main { padding: 22px 14px 40px; }
  h1 { font-size: 24px; } .lead, .cause { font-size: 15.5px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 8px; } .tile.first dd { font-size: 32px; } .tile { padding: 11px 12px; } .tile dd { font-size: 20px; } .tile dd.aside { font-size: 12px; }
  .card { padding: 14px 14px 16px; } .scroll { margin: 0 -14px -8px; padding: 0 14px 8px; }
  .plot { height: 180px; margin-left: 52px; } .plot.low { height: 140px; } .x { margin-left: 52px; }
  .x span:nth-child(even) { display: none; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --grid: #e4e4e4; --now: #1f7a52; --before: #ccc;
    --before-edge: #888; --second: #a4630a; --more: #ab2f16; --less: #1f7a52;
  }
  body { font-size: 12px; } main { padding: 0; max-width: none; }
  .card, .tile, li, tr { break-inside: avoid; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; } details:not([open]) { display: none; } .long { break-inside: auto; }
  .row { grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); } table { font-size: 9px; } th, td { padding: 3px 0 3px 7px; }
}
"""
