import { describe, expect, it } from '@jest/globals';
import { DecodeError, decode } from './decode.ts';
import { lease } from './schemas/lease.ts';
import { node } from './schemas/node.ts';
import { service } from './schemas/service.ts';

describe('decode', () => {
  it('keeps what Go writes for zero values and drops the rest', () => {
    const { value } = decode(node, { metadata: { name: 'n', labels: {} }, spec: { providerID: '', taints: [] } });
    expect(value['metadata']).toEqual({ name: 'n' });
    expect(value['spec']).toEqual({});
    expect(value['status']).toMatchObject({ daemonEndpoints: { kubeletEndpoint: { Port: 0 } } });
  });

  it('keeps zero values of pointers', () => {
    const { value } = decode(service, { metadata: {}, spec: { allocateLoadBalancerNodePorts: false } });
    expect(value['spec']).toEqual({ allocateLoadBalancerNodePorts: false });
  });

  it('drops unknown fields and names them', () => {
    const { value, unknownFields } = decode(node, {
      foo: 1,
      metadata: {},
      spec: { bar: 2, taints: [{ key: 'k', baz: 3 }] },
    });
    expect(unknownFields).toEqual(['spec.taints[0].baz', 'spec.bar', 'foo']);
    expect(value).not.toHaveProperty('foo');
    expect(value['spec']).toEqual({ taints: [{ key: 'k', effect: '' }] });
  });

  it('writes fields in the declared order and maps by key', () => {
    const { value } = decode(node, { spec: {}, metadata: { labels: { b: '2', a: '1' }, name: 'n' } });
    expect(JSON.stringify(value)).toMatch(/^\{"metadata":\{"name":"n","labels":\{"a":"1","b":"2"\}\},"spec":\{\}/);
  });

  it.each([
    [
      { spec: { providerID: 3 } },
      'json: cannot unmarshal number into Go struct field Node.spec.providerID of type string',
    ],
    [{ spec: { taints: {} } }, 'json: cannot unmarshal object into Go struct field Node.spec.taints of type list'],
    [
      { spec: { unschedulable: 'yes' } },
      'json: cannot unmarshal string into Go struct field Node.spec.unschedulable of type bool',
    ],
    [{ status: { daemonEndpoints: { kubeletEndpoint: { Port: 1.5 } } } }, 'of type int32'],
  ])('refuses %j', (input, message) => {
    expect(() => decode(node, input)).toThrow(DecodeError);
    expect(() => decode(node, input)).toThrow(message);
  });

  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000000Z'],
    ['2026-01-02T03:04:05.5+01:00', '2026-01-02T02:04:05.500000Z'],
    ['2026-01-02T03:04:05.1234567Z', '2026-01-02T03:04:05.123456Z'],
  ])('writes the microsecond time %s as %s', (given, written) => {
    expect(decode(lease, { metadata: {}, spec: { renewTime: given } }).value['spec']).toEqual({ renewTime: written });
  });

  it('returns the earlier object itself when nothing changed, and shares equal parts otherwise', () => {
    const first = decode(node, {
      metadata: { name: 'n', labels: { a: '1' } },
      spec: { taints: [{ key: 'k', effect: 'e' }] },
    }).value;
    const again = decode(node, structuredClone(first), { previous: first }).value;
    expect(again).toBe(first);
    const other = decode(node, { ...structuredClone(first), metadata: { name: 'n' } }, { previous: first }).value;
    expect(other).not.toBe(first);
    expect(other['spec']).toBe(first['spec']);
  });
});
