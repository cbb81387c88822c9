import { describe, expect, it } from '@jest/globals';
import type { LoadBalancerIngress, Service } from '../../api/service.ts';
import { isSameStatus, servicePatch } from './service-patches.ts';
import { testService } from './test-kind.ts';

const now = new Date('2026-01-01T00:00:00.500Z');

function ingress(entry: Partial<LoadBalancerIngress>): LoadBalancerIngress {
  return { ip: '', hostname: '', ipMode: '', ...entry };
}

function withStatus(service: Service, ...entries: readonly LoadBalancerIngress[]): Service {
  return { ...service, status: { ...service.status, loadBalancer: { ingress: entries } } };
}

describe('servicePatch', () => {
  const bare = testService('a');
  const marked = testService('a', { finalizers: ['f', 'other'] });

  it('adds a finalizer that is missing, and only then', () => {
    expect(servicePatch(bare, { addFinalizer: 'f' }, now)?.body).toEqual({
      metadata: { uid: 'uid-of-a', finalizers: ['f'] },
    });
    expect(servicePatch(marked, { addFinalizer: 'f' }, now)).toBeUndefined();
  });

  it('removes finalizers that are there, and only these', () => {
    expect(servicePatch(marked, { removeFinalizers: ['f', 'g'] }, now)?.body).toEqual({
      metadata: { uid: 'uid-of-a', '$deleteFromPrimitiveList/finalizers': ['f'] },
    });
    expect(servicePatch(bare, { removeFinalizers: ['f'] }, now)).toBeUndefined();
  });

  it('writes the status only when it differs', () => {
    const status = { ingress: [ingress({ ip: '1.1.1.1' })] };
    expect(servicePatch(bare, { loadBalancer: status }, now)?.body).toMatchObject({
      status: { loadBalancer: { ingress: [{ ip: '1.1.1.1' }] } },
    });
    expect(
      servicePatch(withStatus(bare, ingress({ ip: '1.1.1.1', ipMode: 'VIP' })), { loadBalancer: status }, now),
    ).toBeUndefined();
    expect(servicePatch(bare, { loadBalancer: { ingress: [] } }, now)).toBeUndefined();
    expect(
      servicePatch(withStatus(bare, ingress({ ip: '1.1.1.1' })), { loadBalancer: { ingress: [] } }, now)?.body,
    ).toMatchObject({ status: { loadBalancer: null } });
  });

  it('puts everything into one patch', () => {
    const writes = {
      addFinalizer: 'f',
      annotations: { a: 'b' },
      loadBalancer: { ingress: [ingress({ hostname: 'x.test' })] },
    };
    expect(servicePatch(bare, writes, now)?.body).toEqual({
      metadata: { uid: 'uid-of-a', finalizers: ['f'], annotations: { a: 'b' } },
      status: { loadBalancer: { ingress: [{ hostname: 'x.test' }] } },
    });
  });

  it('writes a condition when its status or reason changes, not for another text', () => {
    const wanted = { type: 'T', status: 'False', reason: 'R', message: 'request 2' } as const;
    const present = {
      ...wanted,
      message: 'request 1',
      observedGeneration: 0,
      lastTransitionTime: '2025-01-01T00:00:00Z',
    };
    const service: Service = { ...bare, status: { ...bare.status, conditions: [present] } };
    expect(servicePatch(service, { conditions: [wanted] }, now)).toBeUndefined();
    expect(servicePatch(service, { conditions: [{ ...wanted, reason: 'S' }] }, now)?.body).toMatchObject({
      status: { conditions: [{ type: 'T', reason: 'S', lastTransitionTime: '2025-01-01T00:00:00Z' }] },
    });
    expect(servicePatch(service, { conditions: [{ ...wanted, status: 'True' }] }, now)?.body).toMatchObject({
      status: { conditions: [{ type: 'T', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
    });
    expect(servicePatch(service, { removeConditions: ['T', 'U'] }, now)?.body).toMatchObject({
      status: { conditions: [{ type: 'T', $patch: 'delete' }] },
    });
  });
});

describe('isSameStatus', () => {
  const rows: readonly (readonly [string, readonly LoadBalancerIngress[], readonly LoadBalancerIngress[], boolean])[] =
    [
      ['both empty', [], [], true],
      ['equal addresses', [ingress({ ip: '1.1.1.1' })], [ingress({ ip: '1.1.1.1' })], true],
      ['another address', [ingress({ ip: '1.1.1.1' })], [ingress({ ip: '1.1.1.2' })], false],
      ['one more', [ingress({ ip: '1.1.1.1' })], [ingress({ ip: '1.1.1.1' }), ingress({ ip: '1.1.1.2' })], false],
      ['name for address', [ingress({ ip: '1.1.1.1' })], [ingress({ hostname: '1.1.1.1' })], false],
      [
        'the mode that the API server sets',
        [ingress({ ip: '1.1.1.1' })],
        [ingress({ ip: '1.1.1.1', ipMode: 'VIP' })],
        true,
      ],
      [
        'another mode',
        [ingress({ ip: '1.1.1.1', ipMode: 'Proxy' })],
        [ingress({ ip: '1.1.1.1', ipMode: 'VIP' })],
        false,
      ],
      ['equal names', [ingress({ hostname: 'a' })], [ingress({ hostname: 'a' })], true],
    ];
  it.each(rows)('%s', (_name, left, right, expected) => {
    expect(isSameStatus({ ingress: left }, { ingress: right })).toBe(expected);
  });
});
