/**
 * The document of the status page. It holds no data: the script asks for that, so that nothing of the cluster has to be
 * escaped into markup, and so that anybody may have it. Links are relative: it may be reached through a proxy.
 */
export const pageDocument = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Cloud controller manager</title>
<link rel="stylesheet" href="statusz/page.css">
<link rel="icon" href="data:,">
</head>
<body>
<header>
<h1>Cloud controller manager</h1>
<p><span id="connection" role="status">connecting…</span> <span id="clock"></span></p>
</header>
<main>
<section aria-labelledby="sign-in-title" id="sign-in" hidden><h2 id="sign-in-title">Who are you?</h2>
<p id="sign-in-reason" role="alert"></p>
<form id="sign-in-form"><label for="token">Bearer token of an account that may <code>get</code> the path <code>/statusz</code></label>
<span class="together"><input id="token" type="password" autocomplete="off" spellcheck="false" required> <button>Show</button></span></form>
<p class="dim">For example of <code>kubectl --namespace=kube-system create token NAME</code>. It stays in this page, and is forgotten when you leave it.</p></section>
<div id="content" hidden>
<section aria-labelledby="controls-title" id="controls-section" hidden><h2 id="controls-title">Make something happen</h2>
<p id="controls"></p><p id="controls-answer" role="status"></p></section>
<section aria-labelledby="summary-title"><h2 id="summary-title">Summary</h2><ul id="not-ready"></ul><dl id="summary"></dl></section>
<section aria-labelledby="items-title"><h2 id="items-title">Nodes, Services and what else is looked after</h2>
<p id="choices" class="choices" role="group" aria-label="What is shown"></p>
<p class="tools"><label for="filter">Filter</label> <input id="filter" type="search" autocomplete="off" spellcheck="false" placeholder="name, reason, plan…">
<span id="shown" role="status"></span>
<span class="pager"><button id="previous" type="button" aria-label="Previous page">‹</button> <span id="page"></span> <button id="next" type="button" aria-label="Next page">›</button></span></p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="items-title"><table class="stacks"><thead><tr>
<th scope="col" class="object">Object</th><th scope="col">State</th><th scope="col">For</th><th scope="col">Why</th><th scope="col">Again</th><th scope="col">Plan</th>
</tr></thead><tbody id="items"></tbody></table></div>
<p id="nothing" class="dim" hidden></p></section>
<section aria-labelledby="operations-title"><h2 id="operations-title">Recent operations</h2>
<p id="operation-choices" class="choices" role="group" aria-label="Which operations are shown"></p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="operations-title"><table class="stacks"><thead><tr>
<th scope="col">Ago</th><th scope="col">Operation</th><th scope="col">Outcome</th>
</tr></thead><tbody id="operations"></tbody></table></div>
<p id="no-operations" class="dim" hidden></p></section>
<section aria-labelledby="controllers-title"><h2 id="controllers-title">Controllers</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="controllers-title"><table class="stacks"><thead><tr>
<th scope="col">Controller</th><th scope="col">In queue</th><th scope="col">Not as it should be</th><th scope="col">Counts</th>
</tr></thead><tbody id="controllers"></tbody></table></div></section>
<section aria-labelledby="budgets-title"><h2 id="budgets-title">Calls to the cloud, and their budget</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="budgets-title"><table class="stacks"><thead><tr>
<th scope="col">API group</th><th scope="col">Scope</th><th scope="col">Allowed a second</th><th scope="col">Waiting</th>
<th scope="col">Started</th><th scope="col">Throttled</th><th scope="col">Held for</th>
</tr></thead><tbody id="budgets"></tbody></table></div>
<p id="no-budgets" class="dim" hidden>No call to the cloud yet.</p></section>
</div>
</main>
<script src="statusz/page.js"></script>
</body>
</html>
`;
