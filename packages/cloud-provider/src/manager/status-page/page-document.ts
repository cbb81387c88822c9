/**
 * The document of the status page. It holds no data: the script asks for that, so that nothing of the cluster has to be
 * escaped into markup.
 */
export const pageDocument = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Cloud controller manager</title>
<link rel="stylesheet" href="/statusz/page.css">
<link rel="icon" href="data:,">
</head>
<body>
<header>
<h1>Cloud controller manager</h1>
<p id="connection" role="status" aria-live="polite">connecting…</p>
</header>
<main>
<section aria-labelledby="controls-title" id="controls-section" hidden><h2 id="controls-title">Make something happen</h2>
<p id="controls"></p><p id="controls-answer" role="status" aria-live="polite"></p></section>
<section aria-labelledby="summary-title"><h2 id="summary-title">Summary</h2><dl id="summary"></dl><ul id="not-ready"></ul></section>
<section aria-labelledby="budgets-title"><h2 id="budgets-title">Cloud calls and budget</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="budgets-title"><table><thead><tr>
<th scope="col">API group</th><th scope="col">Scope</th><th scope="col">Calls a second</th><th scope="col">Waiting</th>
<th scope="col">Started</th><th scope="col">Throttled</th><th scope="col">Held for</th>
</tr></thead><tbody id="budgets"></tbody></table></div></section>
<section aria-labelledby="items-title"><h2 id="items-title">Nodes and Services</h2>
<p><label>Filter <input id="filter" type="search" autocomplete="off" spellcheck="false"></label> <span id="shown"></span></p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="items-title"><table><thead><tr>
<th scope="col">Object</th><th scope="col">State</th><th scope="col">Why</th><th scope="col">Plan</th><th scope="col">Since</th>
</tr></thead><tbody id="items"></tbody></table></div></section>
<section aria-labelledby="operations-title"><h2 id="operations-title">Operations</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="operations-title"><table><thead><tr>
<th scope="col">Time</th><th scope="col">Operation</th><th scope="col">Outcome</th>
</tr></thead><tbody id="operations"></tbody></table></div></section>
</main>
<script src="/statusz/page.js"></script>
</body>
</html>
`;
