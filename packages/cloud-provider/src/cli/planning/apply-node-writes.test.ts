import { describe, expect, it } from '@jest/globals';
import { nodes } from '../../kube/resources.ts';
import { JsonDecoder } from '../../kube/projection/json/json-decoder.ts';
import { StringCache } from '../../kube/projection/string-cache.ts';
import type { Node } from '../../api/node.ts';
import { withNodeWrites } from './apply-node-writes.ts';
import type { ClusterPlan, PlannedObject } from './cluster-plan.ts';
import type { Snapshot } from './snapshot.ts';
import type { ClusterWrite } from './snapshot-client.ts';

function node(name: string): Node {
  const wire = {
    metadata: { name, labels: { kept: 'yes', dropped: 'yes' } },
    spec: { taints: [{ key: 'wait', effect: 'NoSchedule' }] },
    status: {
      addresses: [{ type: 'Hostname', address: name }],
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'NetworkUnavailable', status: 'True' },
      ],
    },
  };
  return new JsonDecoder(nodes.projection, new StringCache()).object(Buffer.from(JSON.stringify(wire)));
}

const cluster = { uid: 'u', name: 'c' };
const snapshot: Snapshot = { cluster, nodes: [node('n1'), node('n2')], services: [], endpointSlices: [] };

function planOf(...objects: readonly PlannedObject[]): ClusterPlan {
  return { cluster, objects, skipped: [], looked: { nodes: 2, services: 0 } };
}

function patch(name: string, body: Readonly<Record<string, unknown>>): ClusterWrite {
  return {
    verb: 'patch',
    kind: 'Node',
    name: { namespace: '', name },
    subresource: '',
    patch: { type: 'strategic', body },
  };
}

describe('withNodeWrites', () => {
  it('is nothing new when no Node is written', () => {
    expect(withNodeWrites(snapshot, [], planOf())).toBeUndefined();
  });

  it('reads patches as the API server does', () => {
    const then = withNodeWrites(
      snapshot,
      [
        patch('n1', {
          metadata: { labels: { zone: 'a', dropped: null } },
          spec: { providerID: 'x://1', taints: null },
        }),
        patch('n1', {
          status: {
            addresses: [{ type: 'InternalIP', address: '10.0.0.1' }, { $patch: 'replace' }],
            conditions: [{ type: 'NetworkUnavailable', status: 'False', reason: 'RouteCreated' }],
          },
        }),
        patch('n1', { spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'] } }),
      ],
      planOf(),
    );
    expect(then?.nodes[1]).toBe(snapshot.nodes[1]);
    expect(then?.nodes[0]).toMatchObject({
      metadata: { name: 'n1', labels: { kept: 'yes', zone: 'a' } },
      spec: { providerID: 'x://1', taints: [], podCIDRs: ['10.1.0.0/24'] },
      status: {
        addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'NetworkUnavailable', status: 'False', reason: 'RouteCreated' },
        ],
      },
    });
    expect(then?.nodes[0]?.metadata.labels).not.toHaveProperty('dropped');
  });

  it('leaves out the Nodes that are about to go', () => {
    const gone: PlannedObject = {
      kind: 'Node',
      key: 'n2',
      state: 'change',
      reason: '',
      message: '',
      sharedWith: [],
      steps: [{ where: 'cluster', verb: 'delete', kind: 'Node', name: 'n2', changes: [] }],
    };
    expect(withNodeWrites(snapshot, [], planOf(gone))?.nodes).toEqual([snapshot.nodes[0]]);
  });
});
