/**
 * The script of the status page. Everything from the manager is put in as text nodes, never as markup. Rows are kept by
 * key and changed in place, so that the scroll position, the focus and a selection survive an update. What is looked at
 * is kept in the fragment of the address, so that a reload or a colleague sees the same.
 */
export const pageScript = `'use strict';
const refreshMilliseconds = 1000;
const base = location.pathname;
const byId = (id) => document.getElementById(id);
const moods = {
  converged: 'good', initialised: 'good', applied: 'good', pending: 'good',
  failed: 'bad', refused: 'bad', blocked: 'bad', orphan: 'bad',
};
const asked = Object.assign({ show: 'all', words: '', page: '0', operations: 'all' }, Object.fromEntries(new URLSearchParams(location.hash.slice(1))));
let token = '';
let timer;
let current;

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setClass(element, name) {
  if (element.className !== name) element.className = name;
}

function keyed(parent, children, entries, make, update) {
  const known = new Map();
  for (const child of [...children]) known.set(child.dataset.key, child);
  let next = parent.firstElementChild;
  for (const entry of entries) {
    let child = known.get(entry.key);
    if (child) known.delete(entry.key);
    else {
      child = make(entry);
      child.dataset.key = entry.key;
    }
    update(child, entry);
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  for (const child of known.values()) child.remove();
}

function renderRows(id, rows) {
  const body = byId(id);
  const heads = [...body.parentElement.tHead.rows[0].cells].map((head) => head.textContent);
  keyed(body, body.rows, rows, () => document.createElement('tr'), (row, { cells }) => {
    cells.forEach(([text, mood, title], index) => {
      let cell = row.cells[index];
      if (!cell) {
        cell = row.insertCell();
        cell.dataset.label = heads[index];
      }
      setText(cell, text);
      setClass(cell, (mood ?? '') + (text === '' ? ' empty' : ''));
      if (title && cell.title !== title) cell.title = title;
    });
  });
}

function renderChoices(id, name, choices) {
  const parent = byId(id);
  keyed(parent, parent.children, choices.map((choice) => ({ ...choice, key: choice.show })), ({ show }) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.addEventListener('click', () => ask({ [name]: show, ...(name === 'show' && { page: '0' }) }));
    return button;
  }, (button, { show, label, count }) => {
    setText(button, label + ' ' + number(count));
    const pressed = String(asked[name] === show);
    if (button.getAttribute('aria-pressed') !== pressed) button.setAttribute('aria-pressed', pressed);
  });
}

function renderSummary(status) {
  const { leadership } = status;
  const leader = leadership.state === 'off' ? 'no election' : leadership.state === 'leading' ? 'this replica' : leadership.leader || 'none';
  const facts = [
    ['Provider', status.provider + ' ' + status.version],
    ['Cluster', status.cluster ? status.cluster.name : 'not known yet', '', status.cluster ? 'UID ' + status.cluster.uid : ''],
    ['Leader', leader, leader === 'none' ? 'bad' : '', 'this replica is ' + leadership.identity],
    ['Ready', status.notReady.length === 0 ? 'yes' : 'no', status.notReady.length === 0 ? 'good' : 'bad'],
    ['Running for', span(status.startedAt, status.now), '', 'since ' + status.startedAt],
    ['Memory', (status.process.residentBytes / 1048576).toFixed(0) + ' MiB'],
    ['Event-loop delay, p99', status.process.eventLoopDelay.p99],
  ];
  const list = byId('summary');
  keyed(list, list.children, facts.map(([key, value, mood, title]) => ({ key, value, mood, title })), ({ key }) => {
    const entry = document.createElement('div');
    entry.append(document.createElement('dt'), document.createElement('dd'));
    entry.firstElementChild.textContent = key;
    return entry;
  }, (entry, { value, mood, title }) => {
    setText(entry.lastElementChild, value);
    setClass(entry.lastElementChild, mood ?? '');
    if (title) entry.title = title;
  });
  const obstacles = byId('not-ready');
  keyed(obstacles, obstacles.children, status.notReady.map((key) => ({ key })), () => document.createElement('li'), (item, { key }) => setText(item, key));
}

function renderControllers(status) {
  renderRows('controllers', status.controllers.map(({ name, queues, facts, inNeed }) => {
    const alarms = Object.entries(facts).some(([fact, value]) => fact.startsWith('unlisted ') || (fact === 'deletionBreaker' && value !== 'closed'));
    return {
      key: name,
      cells: [
        [name, 'object'],
        [queues.map((queue) => (queues.length > 1 ? queue.name + ' ' : '') + number(queue.depth)).join(', ')],
        [number(inNeed), inNeed > 0 ? 'busy' : ''],
        [Object.entries(facts).filter(([, value]) => value !== '').map(([fact, value]) => plain(fact) + ' ' + told(value, status.now)).join(' · '), alarms ? 'bad' : ''],
      ],
    };
  }));
}

function renderBudgets(status) {
  byId('no-budgets').hidden = status.budgets.length > 0;
  renderRows('budgets', status.budgets.map(({ apiGroup, scope, budget }) => {
    const waiting = Object.entries(budget.waiting).filter(([, count]) => count > 0);
    const sum = waiting.reduce((total, [, count]) => total + count, 0);
    const held = budget.heldFor ?? '';
    return {
      key: apiGroup + ' ' + scope,
      cells: [
        [apiGroup, 'object'], [scope], [budget.rate.toFixed(1)],
        [number(sum) + (sum > 0 ? ' (' + waiting.map(([priority, count]) => priority + ' ' + count).join(', ') + ')' : ''), sum > 0 ? 'busy' : ''],
        [number(budget.started)],
        [number(budget.throttled), budget.throttled > 0 ? 'busy' : ''],
        [held, held ? 'busy' : ''],
      ],
    };
  }));
}

function renderItems(status) {
  const { shown, matching, page, pages } = status.items;
  renderChoices('choices', 'show', status.choices);
  setText(byId('shown'), number(matching) + (asked.words ? ' found' : ' in all'));
  setText(byId('page'), pages > 1 ? 'page ' + (page + 1) + ' of ' + pages : '');
  byId('previous').disabled = page === 0;
  byId('next').disabled = page >= pages - 1;
  byId('page').parentElement.hidden = pages < 2;
  byId('nothing').hidden = matching > 0;
  setText(byId('nothing'), asked.words ? 'Nothing has all these words.' : 'Nothing.');
  const counts = new Map();
  renderRows('items', shown.map((item) => {
    const name = item.kind + ' ' + item.key;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return {
      key: name + ' ' + count,
      cells: [
        [name, 'object'],
        [item.state, moods[item.state] ?? 'busy'],
        [span(item.since, status.now), 'dim short', item.since],
        [[item.reason, item.message].filter(Boolean).join(': ')],
        [item.nextAttempt ? soon(item.nextAttempt, status.now) : '', 'dim short', item.nextAttempt],
        [item.plan.join('\\n'), 'plan'],
      ],
    };
  }));
}

function renderOperations(status) {
  const { shown, total, unsuccessful } = status.operations;
  renderChoices('operation-choices', 'operations', [
    { show: 'all', label: 'All', count: total },
    { show: 'unsuccessful', label: 'Refused or failed', count: unsuccessful },
  ]);
  byId('no-operations').hidden = shown.length > 0;
  setText(byId('no-operations'), asked.operations === 'all' ? 'Nothing was written to the cloud yet.' : 'None was refused, and none failed.');
  renderRows('operations', shown.map((record) => ({
    key: String(record.sequence),
    cells: [
      [span(record.time, status.now), 'dim short', record.time],
      [record.text, 'operation'],
      [(record.phase === 'pending' ? 'accepted' : record.phase) + (record.message ? ': ' + record.message : ''), moods[record.phase] ?? 'busy'],
    ],
  })));
}

function renderControls(controls) {
  byId('controls-section').hidden = controls.length === 0;
  const parent = byId('controls');
  keyed(parent, parent.children, controls.map((control) => ({ ...control, key: control.name })), ({ name }) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.addEventListener('click', () => act(name));
    return button;
  }, (button, { label }) => setText(button, label));
}

function number(value) {
  return value.toLocaleString('en');
}

function plain(name) {
  return name.replace(/[A-Z]/g, (letter) => ' ' + letter.toLowerCase());
}

function told(value, now) {
  if (typeof value === 'number') return number(value);
  return /^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$/.test(value) ? span(value, now) + ' ago' : value;
}

function span(from, to) {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (Number.isNaN(seconds)) return '';
  const parts = [[Math.floor(seconds / 86400), 'd'], [Math.floor(seconds / 3600) % 24, 'h'], [Math.floor(seconds / 60) % 60, 'm'], [seconds % 60, 's']];
  const first = parts.findIndex(([count]) => count > 0);
  return first < 0 ? '0s' : parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => count + unit).join('');
}

function soon(time, now) {
  return Date.parse(time) <= Date.parse(now) ? 'now' : 'in ' + span(now, time);
}

function render(status) {
  byId('sign-in').hidden = true;
  byId('content').hidden = false;
  renderControls(status.controls);
  renderSummary(status);
  renderItems(status);
  renderOperations(status);
  renderControllers(status);
  renderBudgets(status);
  const inNeed = status.choices.find(({ show }) => show === 'attention')?.count ?? 0;
  const title = (inNeed > 0 ? '(' + number(inNeed) + ') ' : '') + status.provider + ' cloud controller manager';
  if (document.title !== title) document.title = title;
}

function askForToken(status, message) {
  byId('sign-in-reason').textContent = token === '' ? '' : message;
  byId('content').hidden = true;
  if (byId('sign-in').hidden) {
    byId('sign-in').hidden = false;
    byId('token').focus();
  }
  setText(byId('connection'), status === 401 ? 'the manager does not know you' : 'you may not see this');
  setClass(byId('connection'), 'bad');
}

const authorization = () => (token === '' ? {} : { authorization: 'Bearer ' + token });

async function refresh() {
  clearTimeout(timer);
  current?.abort();
  const asking = new AbortController();
  current = asking;
  const connection = byId('connection');
  let pause = refreshMilliseconds;
  try {
    const response = await fetch(base + '?' + new URLSearchParams({ format: 'view', ...asked }), {
      cache: 'no-store', headers: authorization(), signal: AbortSignal.any([asking.signal, AbortSignal.timeout(5000)]),
    });
    const answer = await response.json().catch(() => ({}));
    if (asking.signal.aborted) return;
    if (response.status === 401 || response.status === 403) {
      askForToken(response.status, answer.message ?? 'refused');
      return;
    }
    if (!response.ok) throw new Error('it answered ' + response.status);
    asked.page = String(answer.items.page);
    setClass(connection, 'good');
    setText(connection, 'live');
    setText(byId('clock'), answer.now.slice(0, 19).replace('T', ' ') + ' UTC');
    render(answer);
  } catch (error) {
    if (asking.signal.aborted) return;
    setClass(connection, 'bad');
    setText(connection, 'no answer from the manager, trying again (' + error.message + ')');
  }
  if (!document.hidden) timer = setTimeout(refresh, pause);
}

function ask(change) {
  Object.assign(asked, change);
  history.replaceState(null, '', '#' + new URLSearchParams(asked));
  refresh();
}

async function act(name) {
  const answer = byId('controls-answer');
  try {
    const response = await fetch(base + '/controls/' + name, { method: 'POST', headers: authorization(), signal: AbortSignal.timeout(30000) });
    setText(answer, await response.text());
  } catch (error) {
    setText(answer, 'that did not work (' + error.message + ')');
  }
}

byId('filter').value = asked.words;
byId('filter').addEventListener('input', () => ask({ words: byId('filter').value, page: '0' }));
byId('previous').addEventListener('click', () => ask({ page: String(Number(asked.page) - 1) }));
byId('next').addEventListener('click', () => ask({ page: String(Number(asked.page) + 1) }));
byId('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  token = byId('token').value.trim();
  byId('token').value = '';
  refresh();
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && byId('sign-in').hidden) refresh();
});
refresh();
`;
