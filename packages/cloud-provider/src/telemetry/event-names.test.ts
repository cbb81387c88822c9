import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { conditionDeclarations, eventDeclarations } from './event-names.ts';

const source = resolve(import.meta.dirname, '..');
const sources = ['controllers', 'kube', 'cloud', 'manager']
  .flatMap((folder) =>
    readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(source, folder, file)),
  )
  .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|(^|\/)test-[^/]+\.ts$/.test(file))
  .map((file) => readFileSync(file, 'utf8'));

/** How Events are told, up to the end of the statement. */
const tellings = /(?:\.event|#tell|#normal|#onCluster|warnOnce)\([^;]*?;/g;
/** Types and actions of Events, which are no reasons. */
const others = new Set([
  'Normal',
  'Warning',
  'SyncLoadBalancer',
  'DeleteNode',
  'SweepOrphans',
  'AllocateCIDR',
  'CreateRoute',
]);
const actions = new Set(['Initialize', 'Label', 'SetAddresses', 'LeaderElection']);

describe('the declarations of Events and conditions', () => {
  it('have every reason that is told', () => {
    const told = sources
      .flatMap((text) => text.match(tellings) ?? [])
      .flatMap((statement) => [...statement.matchAll(/'([A-Z][A-Za-z]+)'/g)].map(([, reason = '']) => reason))
      .filter((reason) => !others.has(reason) && !actions.has(reason));
    expect(told.length).toBeGreaterThan(20);
    expect([...new Set(told)].filter((reason) => !(reason in eventDeclarations))).toEqual([]);
  });

  it('have every reason for which a node waits', () => {
    const text = readFileSync(join(source, 'controllers/node/plan-node.ts'), 'utf8');
    const reasons = [...text.matchAll(/(?:lasting|transient)\(\s*'([A-Z]\w+)'/g)].map(([, reason = '']) => reason);
    expect(reasons.length).toBeGreaterThan(4);
    expect(reasons.filter((reason) => !(reason in eventDeclarations))).toEqual([]);
  });

  it('have none that nobody gives', () => {
    const gives = (reason: string): boolean => sources.some((text) => text.includes(`'${reason}'`));
    expect(Object.keys(eventDeclarations).filter((reason) => !gives(reason))).toEqual([]);
    const conditions = conditionDeclarations.flatMap(({ reasons, type }) => [type, ...reasons]);
    const made = /^Cloud(?=[A-Z])(?!Address)/;
    expect(conditions.filter((name) => name !== '…' && !gives(name.replace(made, '')))).toEqual([]);
  });
});
