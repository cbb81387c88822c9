/**
 * The script of the status page. Everything from the manager is put in as text nodes, never as markup. Rows are kept by
 * key and changed in place, so that thousands of rows, the scroll position and a selection survive an update.
 */
export const pageScript = `'use strict';
const refreshMilliseconds = 1000;
const maxRows = 500;
const byId = (id) => document.getElementById(id);
const moods = { converged: 'good', initialised: 'good', applied: 'good', leading: 'good', off: 'good', failed: 'bad', refused: 'bad', blocked: 'bad' };
let latest;

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function cell(row, index, text, mood) {
  const td = row.cells[index] ?? row.insertCell();
  setText(td, text);
  const wanted = mood ?? '';
  if (td.className !== wanted) td.className = wanted;
}

function renderRows(body, rows) {
  const known = new Map();
  for (const row of [...body.rows]) known.set(row.dataset.key, row);
  rows.forEach(({ key, cells }, position) => {
    const row = known.get(key) ?? document.createElement('tr');
    known.delete(key);
    row.dataset.key = key;
    cells.forEach(([text, mood], index) => cell(row, index, text, mood));
    if (body.rows[position] !== row) body.insertBefore(row, body.rows[position] ?? null);
  });
  for (const row of known.values()) row.remove();
}

function renderSummary(status) {
  const leadership = status.leadership;
  const facts = [
    ['Provider', status.provider + ' ' + status.version],
    ['Cluster', status.cluster ? status.cluster.name + ' (' + status.cluster.uid + ')' : 'not known yet'],
    ['Leader', leadership.state === 'off' ? 'no election' : leadership.state === 'leading' ? 'this replica' : leadership.leader || 'none'],
    ['Ready', status.notReady.length === 0 ? 'yes' : 'no'],
    ['Memory', (status.process.residentBytes / 1048576).toFixed(0) + ' MiB'],
    ['Event-loop delay, p99', status.process.eventLoopDelay.p99],
  ];
  for (const controller of status.controllers) {
    for (const queue of controller.queues) facts.push(['Queue ' + queue.name, String(queue.depth)]);
    for (const [name, value] of Object.entries(controller.facts)) facts.push([controller.name + ': ' + name, String(value)]);
  }
  const list = byId('summary');
  while (list.children.length > facts.length) list.lastElementChild.remove();
  facts.forEach(([name, value], index) => {
    let entry = list.children[index];
    if (!entry) {
      entry = document.createElement('div');
      entry.append(document.createElement('dt'), document.createElement('dd'));
      list.append(entry);
    }
    setText(entry.firstElementChild, name);
    setText(entry.lastElementChild, value);
  });
  const obstacles = byId('not-ready');
  obstacles.replaceChildren(...status.notReady.map((reason) => {
    const item = document.createElement('li');
    item.textContent = reason;
    return item;
  }));
}

function renderBudgets(status) {
  renderRows(byId('budgets'), status.budgets.map(({ apiGroup, scope, budget }) => {
    const waiting = Object.values(budget.waiting).reduce((sum, count) => sum + count, 0);
    return {
      key: apiGroup + ' ' + scope,
      cells: [
        [apiGroup], [scope], [budget.rate.toFixed(1)],
        [String(waiting), waiting > 0 ? 'busy' : ''],
        [String(budget.started)],
        [String(budget.throttled), budget.throttled > 0 ? 'busy' : ''],
        [budget.heldFor ?? ''],
      ],
    };
  }));
}

function renderItems(status) {
  const words = byId('filter').value.toLowerCase().split(/\\s+/).filter(Boolean);
  const items = status.controllers.flatMap((controller) => controller.items).filter((item) => {
    const text = [item.kind, item.key, item.state, item.reason, item.message].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
  setText(byId('shown'), items.length > maxRows ? 'the first ' + maxRows + ' of ' + items.length : items.length + ' shown');
  renderRows(byId('items'), items.slice(0, maxRows).map((item) => ({
    key: item.kind + ' ' + item.key,
    cells: [
      [item.kind + ' ' + item.key],
      [item.state, moods[item.state] ?? 'busy'],
      [[item.reason, item.message].filter(Boolean).join(': ') + (item.nextAttempt ? ' (again ' + clock(item.nextAttempt) + ')' : '')],
      [item.plan.join('\\n'), 'plan'],
      [clock(item.since), 'dim'],
    ],
  })));
}

function renderOperations(status) {
  renderRows(byId('operations'), status.operations.slice(-200).reverse().map((record) => ({
    key: String(record.sequence),
    cells: [
      [clock(record.time), 'dim'],
      [record.text],
      [record.phase + (record.message ? ': ' + record.message : ''), moods[record.phase] ?? 'busy'],
    ],
  })));
}

function clock(time) {
  return time ? time.slice(11, 19) : '';
}

function render() {
  if (!latest) return;
  renderSummary(latest);
  renderBudgets(latest);
  renderItems(latest);
  renderOperations(latest);
}

async function refresh() {
  const connection = byId('connection');
  try {
    const response = await fetch('/statusz?format=json', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new Error('the manager answered ' + response.status);
    latest = await response.json();
    connection.className = '';
    setText(connection, 'live, ' + clock(latest.now) + ' UTC');
    render();
  } catch (error) {
    connection.className = 'bad';
    setText(connection, 'no answer from the manager, trying again (' + error.message + ')');
  }
  setTimeout(refresh, refreshMilliseconds);
}

async function act(name) {
  const answer = byId('controls-answer');
  try {
    const response = await fetch('/statusz/controls/' + name, { method: 'POST', signal: AbortSignal.timeout(30000) });
    setText(answer, await response.text());
  } catch (error) {
    setText(answer, 'that did not work (' + error.message + ')');
  }
}

async function offerControls() {
  const response = await fetch('/statusz/controls', { signal: AbortSignal.timeout(5000) });
  const controls = await response.json();
  byId('controls').replaceChildren(...controls.map(({ name, label }) => {
    const button = document.createElement('button');
    button.textContent = label;
    button.addEventListener('click', () => act(name));
    return button;
  }));
  byId('controls-section').hidden = controls.length === 0;
}

byId('filter').addEventListener('input', render);
offerControls().catch(() => {});
refresh();
`;
