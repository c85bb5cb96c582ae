// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ww {

/// Style of the HTML report. Colours of outcomes are Okabe and Ito's, told apart with every common kind
/// of colour vision; each outcome has a shape of its own besides.
constexpr const char *kReportStyle = R"(
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1e21; --soft: #5d6570; --line: #d9dde3;
  --panel: #f5f6f8; --blue: #0072b2; --vermilion: #d55e00; --orange: #b87700; --dark: #33383e;
  --grey: #6b7280; --green: #00805e; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15181c; --ink: #e6e8eb; --soft: #a0a8b3; --line: #333a43; --panel: #1e2329;
    --blue: #56b4e9; --vermilion: #ff8a3d; --orange: #e69f00; --dark: #c9ced6; --grey: #98a1ad;
    --green: #2bc49a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 40px 0 8px; }
p { margin: 8px 0; }
.soft { color: var(--soft); }
.result { font-size: 18px; margin: 16px 0; padding: 16px; border: 1px solid var(--line);
  border-left: 6px solid var(--blue); border-radius: 6px; background: var(--panel); }
.result.none { border-left-color: var(--grey); }
dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 8px 24px; margin: 16px 0; }
dl.facts div { border-top: 1px solid var(--line); padding-top: 8px; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.chart { width: 100%; height: auto; background: var(--panel); border-radius: 6px; }
.chart text { fill: var(--soft); font-size: 12px; }
.chart .end { text-anchor: end; } .chart .middle { text-anchor: middle; }
.chart .grid { stroke: var(--line); } .chart .unit { stroke: var(--soft); stroke-dasharray: 4 4; }
.chart .dot { fill: var(--grey); opacity: .45; }
.chart .curve { fill: none; stroke: var(--blue); stroke-width: 2.5; stroke-linejoin: round; }
.chart .gain { fill: var(--blue); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 0; margin: 8px 0; list-style: none; }
.g { display: inline-block; width: 1.3em; text-align: center; }
.best { color: var(--green); } .faster { color: var(--blue); } .plain { color: var(--grey); }
.ambiguous { color: var(--soft); } .build { color: var(--vermilion); } .wrong { color: var(--orange); }
.crash { color: var(--dark); } .infra, .pending { color: var(--soft); }
.tree { list-style: none; margin: 0; padding: 0; font-variant-numeric: tabular-nums; }
.tree li { padding: 1px 0 1px calc(var(--d, 0) * 20px); }
.tree li:target, tr:target { background: var(--panel); outline: 2px solid var(--blue); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
td.n, th.n { text-align: right; white-space: nowrap; }
a { color: inherit; } a:focus-visible { outline: 2px solid var(--blue); }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 16px;
  overflow-x: auto; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; tab-size: 4; }
summary { cursor: pointer; }
)";

} // namespace ww
