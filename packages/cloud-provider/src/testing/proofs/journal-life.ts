import { Duration } from '../../base/duration.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import { kindAnnotation, serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import { foreignNote } from './forwarder-problems.ts';
import type { LifeStep, Stage } from './life.ts';

/**
 * A life whose load balancers can't be found again by anything but what was written down before they were made. Others make
 * such ones in the same account, some while we do.
 */
export const journalLife: readonly LifeStep[] = [
  {
    name: 'others have forwarders, one of them for a Service of the same UID',
    act(stage) {
      serve(stage, 'web', { type: 'ClusterIP' });
      const uid = stage.server.store.get('services', 'web')?.metadata.uid ?? '';
      plant(stage, { [clusterStampKey]: 'another-cluster', [serviceUIDTag]: uid });
      plant(stage, {});
    },
    rest: Duration.seconds(10),
  },
  {
    name: 'two Services want forwarders, and somebody makes one by hand',
    act(stage) {
      stage.server.store.patch('services', 'web', { spec: { type: 'LoadBalancer' } });
      serve(stage, 'dns', { type: 'LoadBalancer' });
      plant(stage, {});
    },
  },
  {
    name: 'a port is added',
    act({ server }) {
      const ports = [...(server.store.get('services', 'web')?.spec.ports ?? []), { name: 'alt', port: 8443 }];
      server.store.patch('services', 'web', { spec: { ports } });
    },
  },
  {
    name: 'a Service wants one for a moment',
    act: (stage) => serve(stage, 'brief', { type: 'LoadBalancer' }),
    rest: Duration.milliseconds(1),
  },
  { name: 'it is deleted', act: ({ server }) => void server.store.delete('services', 'brief') },
  {
    name: 'a Service wants a load balancer of the usual kind instead',
    act: ({ server }) => {
      server.store.patch('services', 'dns', { metadata: { annotations: { [kindAnnotation]: 'usual' } } });
    },
  },
  {
    name: 'it wants a forwarder again',
    act: ({ server }) => {
      server.store.patch('services', 'dns', { metadata: { annotations: { [kindAnnotation]: 'forwarder' } } });
    },
  },
  {
    name: 'a Service wants none any more',
    act: ({ server }) => void server.store.patch('services', 'web', { spec: { type: 'ClusterIP' } }),
  },
  { name: 'a Service is deleted', act: ({ server }) => void server.store.delete('services', 'dns') },
  { name: 'nothing happens', act: () => undefined, rest: Duration.minutes(2) },
];

function serve({ server }: Stage, name: string, spec: { readonly type: string }): void {
  server.store.create('services', {
    metadata: { name, namespace: 'default', annotations: { [kindAnnotation]: 'forwarder' } },
    spec: { ...spec, ports: [{ name: 'main', port: 80 }] },
  });
}

function plant({ cloud }: Stage, tags: Readonly<Record<string, string>>): void {
  const owner = tags[clusterStampKey] ?? 'a person';
  cloud.operator.plantForwarder({ note: `${foreignNote} of ${owner}`, ports: ['TCP/80/30080'], tags }, owner);
}
