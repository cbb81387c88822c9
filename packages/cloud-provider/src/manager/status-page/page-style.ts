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
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
header, main { max-width: 84rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; padding-top: 1rem; }
h1 { font-size: 1.3rem; margin: 0; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem; margin: 1rem 0; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .6rem 1rem; margin: 0; }
dt { color: var(--dim); font-size: .8rem; }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
ul { margin: .6rem 0 0; padding-left: 1.2rem; color: var(--bad); }
ul:empty { display: none; }
.scroll { overflow: auto; max-height: 28rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--dim); font-weight: 500; position: sticky; top: 0; background: var(--card); }
th, td { padding: .25rem .6rem .25rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
td { overflow-wrap: anywhere; }
td.plan { font-family: ui-monospace, monospace; font-size: .85em; white-space: pre-line; }
.good { color: var(--good); } .busy { color: var(--busy); } .bad { color: var(--bad); } .dim { color: var(--dim); }
button, input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: .3rem; padding: .2rem .4rem; }
:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
button { margin: 0 .5rem .5rem 0; cursor: pointer; }
td:nth-child(2).good, td.dim, td.nowrap { white-space: nowrap; }
#connection { color: var(--dim); margin: 0; }
#connection.bad { color: var(--bad); }
`;
