import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resources } from '@ccm-ts/cloud-provider';
import { describe, it } from '../../harness/node-test.ts';
import { readAccess } from '../../kube-apiserver/kubeconfig.ts';
import { kubeconfigVariable } from '../wire/connection.ts';
import { connectToServer, ownNamespace, paths } from '../wire/fixture.ts';
import { flakyLine } from '../wire/flaky-line.ts';
import { forgetHistory } from '../wire/history-control.ts';
import { firstBreach, observe } from '../wire/observed-informer.ts';

describe('our client after the server has forgotten what it missed', () => {
  const server = connectToServer();

  for (const contentType of ['json', 'protobuf'] as const) {
    it(`${contentType}: tells the difference, with deletions that nobody showed it`, async () => {
      const namespace = await ownNamespace(server, 'missed');
      const path = paths.coreEvents(namespace);
      const create = (name: string) =>
        server.create(path, {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name, namespace },
          involvedObject: { kind: 'Service', namespace, name: 'a' },
          reason: 'Told',
        });
      for (const name of ['stays', 'changes', 'goes', 'returns']) await create(name);
      const { url } = readAccess(readFileSync(process.env[kubeconfigVariable] ?? '', 'utf8'));
      await using line = await flakyLine(url);
      await using observed = await observe(resources.events, { contentType, namespace, url: line.url });
      line.interrupt();
      await server.patch('merge', `${path}/changes`, { message: 'changed' });
      await server.delete(`${path}/goes`);
      await server.delete(`${path}/returns`);
      await create('returns');
      await create('comes');
      await forgetHistory();
      line.mend();
      await observed.until((told) => told.length >= 9);
      const later = observed.told.slice(4).map(({ type, object }) => `${type} ${object.metadata.name}`);
      assert.deepEqual(later.toSorted(), [
        'add comes',
        'add returns',
        'delete goes',
        'delete returns',
        'update changes',
      ]);
      assert.ok(later.indexOf('delete returns') < later.indexOf('add returns'));
      assert.equal(firstBreach(observed.told), undefined);
      const list = await server.list(path);
      assert.deepEqual(
        [...observed.informer.store.list()].map(({ metadata }) => metadata.uid).toSorted(),
        list.items.map(({ metadata }) => metadata.uid).toSorted(),
      );
    });
  }
});
