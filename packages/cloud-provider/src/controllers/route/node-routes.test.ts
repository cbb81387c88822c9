import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestRecorder } from '../test-cluster.ts';
import { NodeRoutes } from './node-routes.ts';
import { RouteAnnouncer } from './route-announcer.ts';
import type { RouteTrouble, TableReport } from './route-table.ts';
import type { NodeWish } from './route-wishes.ts';
import { routedNode } from './test-bench.ts';

const nextLook = Duration.minutes(1);
const range = '10.120.1.0/24';
const node = routedNode('a', { podCIDRs: [range] });
const route = { node: 'a', nodeUID: 'a', providerID: '', cidr: range, addresses: [], target: 'a' };
const wish: NodeWish = { kind: 'routed', node, routes: [route], faults: [] };
const unknown: TableReport = { kind: 'unknown', reason: 'Unavailable', message: 'no answer', nextLook };

function known(trouble?: RouteTrouble): TableReport {
  const troubles = new Map(trouble ? [[range, trouble]] : []);
  const served = new Set(trouble ? [] : [range]);
  return { kind: 'known', served, troubles, strays: new Set(), failedDeletes: [], nextLook };
}

describe('a node whose routes are in two tables', () => {
  const missing = known({ kind: 'waiting', message: 'soon' });
  it.each<[string, readonly TableReport[], string | undefined]>([
    ['both have it', [known(), known()], 'served'],
    ['one lacks it', [known(), missing], 'unserved'],
    ['one lacks it, one can not be read', [unknown, missing], 'unserved'],
    ['one has it, one can not be read', [known(), unknown], undefined],
    ['there are no tables', [], undefined],
  ])('%s', (_name, reports, expected) => {
    const states = new NodeRoutes(new FakeClock()).judge([wish], reports, new RouteAnnouncer(new TestRecorder()));
    expect(states.get(node)).toBe(expected);
  });
});
