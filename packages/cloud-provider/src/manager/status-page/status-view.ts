import type { ControllerStatus, ItemStatus } from '../../controllers/controller.ts';
import type { OperationRecord } from '../../reconcile/operation-log.ts';
import type { ManagerStatus, NamedControllerStatus } from '../manager-status.ts';

/** What a reader of the page looks at. */
export interface StatusQuestion {
  /** `all`, `attention` (whatever is not as it should be), or the name of a controller. */
  readonly show: string;
  /** Each must occur in an object's line; lower case. */
  readonly words: readonly string[];
  /** From 0. */
  readonly page: number;
  readonly operations: 'all' | 'unsuccessful';
}

/**
 * The part of a status that is on the screen. Its size does not depend on the size of the cluster: a page that asks every
 * second must cost a large cluster's manager nothing.
 */
export interface StatusView extends Omit<ManagerStatus, 'controllers' | 'operations'> {
  readonly controllers: readonly ControllerSummary[];
  /** What can be shown, with how many objects there are. */
  readonly choices: readonly StatusChoice[];
  readonly items: {
    readonly shown: readonly ItemStatus[];
    readonly matching: number;
    readonly page: number;
    readonly pages: number;
  };
  readonly operations: {
    /** Latest first. */
    readonly shown: readonly Pick<OperationRecord, 'sequence' | 'time' | 'phase' | 'text' | 'message'>[];
    readonly total: number;
    readonly unsuccessful: number;
  };
}

export interface ControllerSummary extends Pick<ControllerStatus, 'queues' | 'facts'> {
  readonly name: string;
  readonly inNeed: number;
}

export interface StatusChoice {
  readonly show: string;
  readonly label: string;
  readonly count: number;
}

const pageSize = 100;

/** The controllers' objects in the words of people; a provider's own controllers go by their names. */
const labels: Readonly<Record<string, string>> = {
  'cloud-node-controller': 'Nodes',
  'cloud-node-lifecycle-controller': 'Nodes to delete',
  'service-lb-controller': 'Services',
  'node-route-controller': 'Routes',
  'node-ipam-controller': 'Pod ranges',
  'orphan-controller': 'Orphans',
};

const bad: ReadonlySet<string> = new Set(['failed', 'refused', 'blocked', 'orphan']);
const good: ReadonlySet<string> = new Set(['converged', 'initialised']);

/** Reads a question from the query of a request; what makes no sense is as if it were not there. */
export function parseStatusQuestion(query: URLSearchParams): StatusQuestion {
  const page = Number(query.get('page') ?? '0');
  return {
    show: query.get('show') ?? 'all',
    words: (query.get('words') ?? '').toLowerCase().split(/\s+/).filter(Boolean),
    page: Number.isSafeInteger(page) && page > 0 ? page : 0,
    operations: query.get('operations') === 'unsuccessful' ? 'unsuccessful' : 'all',
  };
}

/** The part of a status that answers the question, most in need first. */
export function viewStatus(status: ManagerStatus, question: StatusQuestion): StatusView {
  const { controllers, operations, ...rest } = status;
  const items = select(controllers, question.show).filter((item) => matches(item, question.words));
  const pages = Math.max(1, Math.ceil(items.length / pageSize));
  const page = Math.min(question.page, pages - 1);
  const latest = withoutAnnouncements(operations);
  const unsuccessful = latest.filter(({ phase }) => phase === 'failed' || phase === 'refused');
  const records = question.operations === 'all' ? latest : unsuccessful;
  return {
    ...rest,
    controllers: controllers.map((controller) => ({
      name: controller.name,
      queues: controller.queues,
      facts: controller.facts,
      inNeed: controller.items.filter(isInNeed).length,
    })),
    choices: choicesOf(controllers),
    items: {
      shown: byNeed(items).slice(page * pageSize, (page + 1) * pageSize),
      matching: items.length,
      page,
      pages,
    },
    operations: {
      shown: records
        .slice(-pageSize)
        .reverse()
        .map(({ sequence, time, phase, text, message }) => ({ sequence, time, phase, text, message })),
      total: latest.length,
      unsuccessful: unsuccessful.length,
    },
  };
}

/** That an operation was planned is of no interest any more when it is told what became of it. */
function withoutAnnouncements(records: readonly OperationRecord[]): readonly OperationRecord[] {
  const ended = new Set<string>();
  return records
    .toReversed()
    .filter(({ group, phase, text }) => {
      const key = `${group} ${text}`;
      if (phase === 'planned') return !ended.delete(key);
      ended.add(key);
      return true;
    })
    .toReversed();
}

function choicesOf(controllers: readonly NamedControllerStatus[]): readonly StatusChoice[] {
  const all = controllers.flatMap(({ items }) => items);
  return [
    { show: 'all', label: 'Everything', count: all.length },
    { show: 'attention', label: 'Not as it should be', count: all.filter(isInNeed).length },
    ...controllers
      .filter(({ name, items }) => items.length > 0 || Object.hasOwn(labels, name))
      .map(({ name, items }) => ({ show: name, label: labels[name] ?? name, count: items.length })),
  ];
}

function select(controllers: readonly NamedControllerStatus[], show: string): readonly ItemStatus[] {
  const chosen = controllers.filter(({ name }) => name === show);
  const items = (chosen.length > 0 ? chosen : controllers).flatMap((controller) => controller.items);
  return show === 'attention' ? items.filter(isInNeed) : items;
}

function matches(item: ItemStatus, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = [item.kind, item.key, item.state, item.reason, item.message, ...item.plan].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

function isInNeed({ state }: ItemStatus): boolean {
  return !good.has(state);
}

/** Keeps the order of the controllers among those that are alike. */
function byNeed(items: readonly ItemStatus[]): readonly ItemStatus[] {
  const need = ({ state }: ItemStatus): number => (bad.has(state) ? 0 : good.has(state) ? 2 : 1);
  return items.toSorted((left, right) => need(left) - need(right));
}
