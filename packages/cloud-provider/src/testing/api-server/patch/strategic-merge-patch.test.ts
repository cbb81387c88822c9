import { describe, expect, it } from '@jest/globals';
import { node } from '../schemas/node.ts';
import { service } from '../schemas/service.ts';
import { StatusError } from '../status.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const ready = { type: 'Ready', status: 'True' };
const other = { type: 'Other', status: 'False' };

describe('strategic merge patch', () => {
  it.each([
    [
      'merges conditions by type',
      { status: { conditions: [ready, other] } },
      { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      { status: { conditions: [{ type: 'Ready', status: 'False' }, other] } },
    ],
    [
      'puts new items first',
      { status: { conditions: [ready] } },
      { status: { conditions: [other] } },
      { status: { conditions: [other, ready] } },
    ],
    [
      'deletes an item by key',
      { status: { conditions: [ready, other] } },
      { status: { conditions: [{ $patch: 'delete', type: 'Ready' }] } },
      { status: { conditions: [other] } },
    ],
    [
      'replaces a list',
      { status: { addresses: [{ type: 'InternalIP', address: '1' }] } },
      { status: { addresses: [{ type: 'Hostname', address: 'h' }, { $patch: 'replace' }] } },
      { status: { addresses: [{ type: 'Hostname', address: 'h' }] } },
    ],
    [
      'keeps several addresses of one type when it replaces',
      {},
      { status: { addresses: [{ type: 'A', address: '1' }, { type: 'A', address: '2' }, { $patch: 'replace' }] } },
      {
        status: {
          addresses: [
            { type: 'A', address: '1' },
            { type: 'A', address: '2' },
          ],
        },
      },
    ],
    [
      'replaces taints, which have no merge key',
      { spec: { taints: [{ key: 'a' }] } },
      { spec: { taints: [{ key: 'b' }] } },
      { spec: { taints: [{ key: 'b' }] } },
    ],
    [
      'merges finalizers as a set, new ones first',
      { metadata: { finalizers: ['a/b'] } },
      { metadata: { finalizers: ['c/d', 'a/b'] } },
      { metadata: { finalizers: ['c/d', 'a/b'] } },
    ],
    [
      'removes from a list of scalars',
      { metadata: { finalizers: ['a/b', 'c/d'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['a/b'] } },
      { metadata: { finalizers: ['c/d'] } },
    ],
    [
      'orders a list of scalars',
      { metadata: { finalizers: ['a', 'b', 'c'] } },
      { metadata: { '$setElementOrder/finalizers': ['c', 'b', 'a'] } },
      { metadata: { finalizers: ['c', 'b', 'a'] } },
    ],
    [
      'orders a list of objects',
      { status: { conditions: [ready, other] } },
      {
        status: {
          '$setElementOrder/conditions': [{ type: 'Other' }, { type: 'Ready' }],
          conditions: [{ type: 'Ready', status: 'X' }],
        },
      },
      { status: { conditions: [other, { type: 'Ready', status: 'X' }] } },
    ],
    [
      'removes a label by null',
      { metadata: { labels: { a: '1', b: '2' } } },
      { metadata: { labels: { a: null } } },
      { metadata: { labels: { b: '2' } } },
    ],
    [
      'replaces an object',
      { metadata: { labels: { a: '1' } } },
      { metadata: { labels: { $patch: 'replace', b: '2' } } },
      { metadata: { labels: { b: '2' } } },
    ],
    [
      'keeps only the named keys',
      { spec: { podCIDR: 'x', providerID: 'y' } },
      { spec: { $retainKeys: ['providerID'], providerID: 'z' } },
      { spec: { providerID: 'z' } },
    ],
  ])('%s', (_title, target, patch, expected) => {
    expect(applyStrategicMergePatch(node, target, patch)).toEqual(expected);
  });

  it('merges the ports of a Service by port number', () => {
    const target = { spec: { ports: [{ port: 80, nodePort: 30_000 }, { port: 443 }] } };
    const patched = applyStrategicMergePatch(service, target, { spec: { ports: [{ port: 80, name: 'web' }] } });
    expect(patched).toEqual({ spec: { ports: [{ port: 80, nodePort: 30_000, name: 'web' }, { port: 443 }] } });
  });

  it('refuses a list item without its merge key', () => {
    expect(() => applyStrategicMergePatch(node, {}, { status: { conditions: [{ status: 'True' }] } })).toThrow(
      StatusError,
    );
  });

  it('leaves its input alone', () => {
    const target = Object.freeze({ metadata: Object.freeze({ labels: Object.freeze({ a: '1' }) }) });
    applyStrategicMergePatch(node, target, { metadata: { labels: { a: '2' } } });
    expect(target).toEqual({ metadata: { labels: { a: '1' } } });
  });
});
