import type { ObjectStore } from './object-store.ts';

/** The objects that every cluster has. The UID of `kube-system` is taken for the cluster's identity. */
export function seedCluster(store: ObjectStore): void {
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system']) {
    store.create('namespaces', { metadata: { name } });
  }
  store.create('services', {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP: '10.0.0.1',
      ports: [{ name: 'https', port: 443, targetPort: 6443 }],
    },
  });
}
