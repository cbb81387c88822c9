/** The style of the status page: light and dark by the reader's setting, usable at 320 pixels, focus always visible. */
export const pageStyle = `:root {
  color-scheme: light dark;
  --page: light-dark(#f6f7f9, #14171c);
  --card: light-dark(#ffffff, #1d2128);
  --line: light-dark(#d8dce3, #343b46);
  --text: light-dark(#1b1f26, #e6e9ee);
  --dim: light-dark(#5a6372, #9aa4b3);
  --good: light-dark(#126b38, #6fd297);
  --busy: light-dark(#7a5200, #e8bd5f);
  --bad: light-dark(#a4161a, #ff9a9c);
  --chosen: light-dark(#dfe6f3, #33405a);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
header, main { max-width: 96rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; padding-top: 1rem; }
header p { margin: 0; }
h1 { font-size: 1.3rem; margin: 0; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem; margin: 1rem 0; }
section p { margin: 0 0 .6rem; }
section p:empty { display: none; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(9.4rem, 44%), 1fr)); gap: .6rem 1rem; margin: 0; }
dt { color: var(--dim); font-size: .8rem; }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
#not-ready { margin: 0 0 .8rem; padding: .5rem .8rem .5rem 2rem; color: var(--bad); border: 1px solid currentColor; border-radius: .4rem; overflow-wrap: anywhere; }
#not-ready:empty { display: none; }
code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
.scroll { overflow: auto; max-height: 32rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--dim); font-weight: 500; position: sticky; top: 0; background: var(--card); white-space: nowrap; box-shadow: inset 0 -1px var(--line); }
th, td { padding: .3rem 1rem .3rem 0; vertical-align: top; }
td { border-bottom: 1px solid var(--line); overflow-wrap: break-word; max-width: 34rem; }
td.operation { max-width: none; overflow-wrap: anywhere; }
td.object { overflow-wrap: anywhere; min-width: 12rem; max-width: 22rem; }
td.plan { font-family: ui-monospace, monospace; font-size: .85em; white-space: pre-line; overflow-wrap: anywhere; min-width: 14rem; }
td.short { white-space: nowrap; }
.good { color: var(--good); } .busy { color: var(--busy); } .bad { color: var(--bad); } .dim, #clock, #shown, #page { color: var(--dim); }
button, input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: .3rem; padding: .25rem .6rem; }
button { cursor: pointer; }
button:disabled { opacity: .4; cursor: default; }
button[aria-pressed=true] { background: var(--chosen); border-color: var(--dim); font-weight: 600; }
:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.scroll:focus-visible { outline-offset: -2px; }
.choices, #controls, .together { display: flex; flex-wrap: wrap; gap: .4rem; }
.tools { display: flex; flex-wrap: wrap; gap: .3rem .6rem; align-items: center; }
#filter { flex: 0 1 20rem; min-width: 8rem; }
.pager { margin-left: auto; white-space: nowrap; }
form { display: grid; gap: .4rem; margin-bottom: .6rem; }
#token { flex: 1 1 16rem; max-width: 40rem; min-width: 0; }
@media (max-width: 48rem) {
  header, main { padding: 0 .6rem; }
  .scroll { max-height: 75vh; }
  table.stacks, .stacks tbody, .stacks tr, .stacks td { display: block; }
  .stacks thead { display: none; }
  .stacks tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .stacks tr:last-child { border-bottom: 0; }
  .stacks td { display: grid; grid-template-columns: 6.5rem 1fr; border: 0; padding: .1rem 0; max-width: none; min-width: 0; white-space: pre-line; overflow-wrap: anywhere; }
  .stacks td::before { content: attr(data-label); color: var(--dim); font: 13px/1.65 system-ui, sans-serif; font-weight: 400; }
  .stacks td.operation { max-width: none; overflow-wrap: anywhere; }
td.object { display: block; font-weight: 600; }
  .stacks td.object::before { display: none; }
  .stacks td.empty { display: none; }
  .pager { margin-left: 0; }
}
`;
