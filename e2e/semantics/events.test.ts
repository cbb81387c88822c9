import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import { connectToServer, ownNamespace, paths } from './wire/fixture.ts';

function groupedEvent(namespace: string, name: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace },
    eventTime: '2026-01-02T03:04:05.678901Z',
    reportingController: 'e2e.example.com/controller',
    reportingInstance: 'one',
    action: 'Ensure',
    reason: 'Ensured',
    type: 'Normal',
    note: 'it is there',
    regarding: { kind: 'Service', apiVersion: 'v1', namespace, name: 'a', uid: 'u' },
    ...more,
  };
}

function coreEvent(namespace: string, name: string) {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: { kind: 'Service', apiVersion: 'v1', namespace, name: 'a', uid: 'u' },
    reason: 'Ensured',
    message: 'it is there',
    type: 'Warning',
    source: { component: 'service-controller' },
    firstTimestamp: '2026-01-02T03:04:05Z',
    lastTimestamp: '2026-01-02T03:04:06Z',
    count: 2,
  };
}

describe('events', () => {
  const server = connectToServer();

  it('of events.k8s.io are seen through core/v1', async () => {
    const namespace = await ownNamespace(server, 'grouped');
    const created = await server.create(paths.events(namespace), groupedEvent(namespace, 'a'));
    const core = await server.get(`${paths.coreEvents(namespace)}/a`);
    assert.equal(core.apiVersion, 'v1');
    assert.equal(core.metadata.uid, created.metadata.uid);
    assert.equal(core.message, 'it is there');
    assert.equal(core.reportingComponent, 'e2e.example.com/controller');
    assert.equal(core.eventTime, '2026-01-02T03:04:05.678901Z');
    assert.deepEqual(core.involvedObject, { kind: 'Service', apiVersion: 'v1', namespace, name: 'a', uid: 'u' });
  });

  it('of core/v1 are seen through events.k8s.io', async () => {
    const namespace = await ownNamespace(server, 'core');
    await server.create(paths.coreEvents(namespace), coreEvent(namespace, 'a'));
    const event = await server.get(`${paths.events(namespace)}/a`);
    assert.equal(event.apiVersion, 'events.k8s.io/v1');
    assert.equal(event.note, 'it is there');
    assert.equal(event.deprecatedCount, 2);
    assert.deepEqual(event.deprecatedSource, { component: 'service-controller' });
    assert.equal(event.deprecatedLastTimestamp, '2026-01-02T03:04:06Z');
  });

  it('are selected by the object that they are about', async () => {
    const namespace = await ownNamespace(server, 'about');
    await server.create(paths.events(namespace), groupedEvent(namespace, 'a'));
    const other = { kind: 'Node', apiVersion: 'v1', name: 'n', namespace };
    await server.create(paths.events(namespace), groupedEvent(namespace, 'b', { regarding: other }));
    const list = await server.list(paths.coreEvents(namespace), {
      fieldSelector: 'involvedObject.kind=Service,involvedObject.name=a,involvedObject.uid=u',
    });
    assert.deepEqual(
      list.items.map((item) => item.metadata.name),
      ['a'],
    );
    const byReason = await server.list(paths.coreEvents(namespace), { fieldSelector: 'reason=Ensured,type=Normal' });
    assert.equal(byReason.items.length, 2);
  });

  it('become a series by a patch', async () => {
    const namespace = await ownNamespace(server, 'series');
    await server.create(paths.events(namespace), groupedEvent(namespace, 'a'));
    const patched = await server.patch('strategic', `${paths.events(namespace)}/a`, {
      series: { count: 2, lastObservedTime: '2026-01-02T03:05:00.000000Z' },
    });
    assert.deepEqual(patched.series, { count: 2, lastObservedTime: '2026-01-02T03:05:00.000000Z' });
  });

  it('of events.k8s.io must name their reporter', async () => {
    const namespace = await ownNamespace(server, 'anonymous');
    const status = await server.refused(422, 'POST', paths.events(namespace), {
      body: groupedEvent(namespace, 'a', { reportingController: '' }),
    });
    assert.equal(status.details?.causes?.[0]?.field, 'reportingController');
  });

  it('must be in the namespace of the object that they are about', async () => {
    const namespace = await ownNamespace(server, 'elsewhere');
    const status = await server.refused(422, 'POST', paths.coreEvents(namespace), {
      body: { ...coreEvent(namespace, 'a'), involvedObject: { kind: 'Service', namespace: 'default', name: 'a' } },
    });
    assert.equal(status.details?.causes?.[0]?.field, 'involvedObject.namespace');
  });

  it('about cluster-scoped objects live in default', async () => {
    const name = `about-node-${crypto.randomUUID().slice(0, 8)}`;
    const created = await server.create(paths.events('default'), {
      ...groupedEvent('default', name),
      regarding: { kind: 'Node', apiVersion: 'v1', name: 'n', uid: 'n' },
    });
    assert.equal(created.metadata.namespace, 'default');
  });
});
