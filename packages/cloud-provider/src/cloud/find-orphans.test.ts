import { describe, expect, it } from '@jest/globals';
import type { Node } from '../api/node.ts';
import type { ObjectMeta } from '../api/object-meta.ts';
import type { Service } from '../api/service.ts';
import { OwnerIndex, findOrphans } from './find-orphans.ts';
import type { InventoryItem, OwnerClaim } from './inventory.ts';
import type { Ownership } from './ownership.ts';

const uid = '0b9d2f1e-5a7c-4d3b-9e8f-112233445566';
const nodeUID = '0b9d2f1e-5a7c-4d3b-9e8f-665544332211';

function metadata(name: string, namespace: string, ownUID: string): ObjectMeta {
  return {
    name,
    namespace,
    uid: ownUID,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    deletionTimestamp: '',
    labels: {},
    annotations: {},
    finalizers: [],
  };
}

const service = { metadata: metadata('web', 'default', uid), spec: {}, status: {} } as Service;
const node = {
  metadata: metadata('a', '', nodeUID),
  spec: { podCIDRs: ['10.244.1.0/24', '2001:DB8:0::/64'], providerID: '', unschedulable: false, taints: [] },
  status: { conditions: [], addresses: [] },
} as Node;
const complete = new OwnerIndex({ kind: 'complete', services: [service], nodes: [node] });

function item(claim: OwnerClaim, ownership: Ownership = { kind: 'ours', proof: 'stamp' }): InventoryItem {
  return { id: 'x', name: 'x', scope: { account: '', region: '' }, ownership, claim, createdAt: '' };
}

describe('OwnerIndex', () => {
  it.each<[string, OwnerClaim, 'present' | 'absent' | 'unknown']>([
    ['the Service of the UID', { kind: 'service', uid, name: '' }, 'present'],
    ['the Service of a UID that begins so', { kind: 'service', uid: uid.slice(0, 35), name: '' }, 'present'],
    ['no Service of the UID', { kind: 'service', uid: '5c000000', name: '' }, 'absent'],
    ['another Service of the name', { kind: 'service', uid: '5c000000', name: 'default/web' }, 'absent'],
    ['the Service under another name', { kind: 'service', uid, name: 'default/old' }, 'present'],
    ['a Service of the name, when no UID is told', { kind: 'service', uid: '', name: 'default/web' }, 'present'],
    ['no Service of the name', { kind: 'service', uid: '', name: 'default/old' }, 'absent'],
    ['a Service of which nothing is told', { kind: 'service', uid: '', name: '' }, 'unknown'],
    ['nobody by a UID that is none', { kind: 'service', uid: 'of-the-other-team', name: '' }, 'unknown'],
    ['nobody by a UID that is too short', { kind: 'service', uid: '5c0000', name: '' }, 'unknown'],
    ['nobody by a UID in capitals', { kind: 'service', uid: uid.toUpperCase(), name: '' }, 'unknown'],
    ['nobody by a UID without dashes', { kind: 'service', uid: uid.replaceAll('-', ''), name: '' }, 'unknown'],
    ['nobody by a UID with more around it', { kind: 'service', uid: ` ${uid}`, name: '' }, 'unknown'],
    ['no Node by a UID that is none', { kind: 'node', name: 'a', uid: 'a' }, 'unknown'],
    ['nobody by a range that is none', { kind: 'podRange', cidr: '10.244.1.0/240' }, 'unknown'],
    ['the Node', { kind: 'node', name: 'a', uid: nodeUID }, 'present'],
    ['the Node, when no UID is told', { kind: 'node', name: 'a', uid: '' }, 'present'],
    ['another Node of the name', { kind: 'node', name: 'a', uid: '5c000000-0000-4000-8000-000000000000' }, 'absent'],
    ['no Node of the name', { kind: 'node', name: 'b', uid: '' }, 'absent'],
    ['a Node of which nothing is told', { kind: 'node', name: '', uid: nodeUID }, 'unknown'],
    ['the Node of the range', { kind: 'podRange', cidr: '10.244.1.0/24' }, 'present'],
    ['the Node of the range, spelled otherwise', { kind: 'podRange', cidr: '2001:db8::/64' }, 'present'],
    ['no Node of the range', { kind: 'podRange', cidr: '10.244.2.0/24' }, 'absent'],
    ['nothing at all', { kind: 'none' }, 'unknown'],
  ])('finds %s', (_name, claim, found) => {
    expect(complete.find(claim)).toBe(found);
    expect(new OwnerIndex({ kind: 'incomplete' }).find(claim)).toBe('unknown');
  });
});

describe('findOrphans', () => {
  const gone: OwnerClaim = { kind: 'service', uid: '5c000000', name: '' };

  it('gives what has no owner, also where it is not proven to be ours', () => {
    const unproven = item(gone, { kind: 'unproven', reason: 'it carries no stamp' });
    expect(findOrphans([item(gone), unproven], complete)).toEqual([item(gone), unproven]);
  });

  it('gives nothing of others', () => {
    expect(findOrphans([item(gone, { kind: 'foreign', reason: 'another cluster' })], complete)).toEqual([]);
  });

  it('gives nothing that has an owner, or tells none', () => {
    expect(findOrphans([item({ kind: 'none' }), item({ kind: 'service', uid, name: '' })], complete)).toEqual([]);
  });

  it('gives nothing while the cluster is not known wholly', () => {
    expect(findOrphans([item(gone)], new OwnerIndex({ kind: 'incomplete' }))).toEqual([]);
  });
});
