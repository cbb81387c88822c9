import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Account } from '../aws/account.ts';
import { Cluster } from '../aws/cluster.ts';
import { eventually } from '../aws/eventually.ts';
import { startManager } from '../aws/executable.ts';
import { executableVariable, motoVariable, required } from '../aws/variables.ts';
import { describe, it } from '../harness/node-test.ts';
import { Kubectl, kubeconfigVariable } from '../kubectl/kubectl.ts';
import { cloudSwitch } from './cloud-switch.ts';

const uninitialized = 'node.cloudprovider.kubernetes.io/uninitialized';

describe('a cluster that begins', () => {
  it('gets its first node although the cloud is out of reach at first', async () => {
    using kubectl = new Kubectl(process.env);
    const moto = required(process.env, motoVariable);
    using account = new Account(moto);
    await using cloud = await cloudSwitch(moto);
    const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-bootstrap-'));
    const logFile = join(folder, 'manager.log');
    const cluster = new Cluster(kubectl);
    const machine = await account.launch(await account.createNetwork(), 1);
    const name = machine.privateDnsName;
    try {
      // The only node, which the API server taints as not ready, so that nothing may run on it yet: there is no DNS of the
      // cluster, and no webhook that could answer. The API server is known by its address.
      await cluster.join(name, machine);
      await using manager = await startManager({
        executable: required(process.env, executableVariable),
        kubeconfig: required(process.env, kubeconfigVariable),
        endpoint: cloud.url,
        logFile,
      });
      // It lives, says that it is not ready, and what is missing.
      await eventually(async () => {
        assert.equal((await get(`${manager.url}/healthz`)).status, 200);
        assert.equal((await get(`${manager.url}/livez`)).status, 200);
        const ready = await get(`${manager.url}/readyz?verbose`);
        assert.equal(ready.status, 500);
        assert.match(ready.text, /\[-\]cloud/);
        assert.match(await readFile(logFile, 'utf8'), /ECONNREFUSED/);
      }, manager.ended);
      const waiting = (await cluster.nodes()).get(name);
      assert.equal(waiting?.spec.providerID, undefined);
      assert.ok(waiting?.spec.taints?.some(({ key }) => key === uninitialized));

      await cloud.comeBack();
      await eventually(async () => {
        const node = (await cluster.nodes()).get(name);
        assert.equal(node?.spec.providerID, `aws:///${machine.zone}/${machine.id}`);
        assert.deepEqual(
          node?.spec.taints?.map(({ key }) => key),
          ['node.kubernetes.io/not-ready'],
        );
        assert.equal((await get(`${manager.url}/readyz`)).status, 200);
      }, manager.ended);

      // It goes on when the cloud goes away, and asks for no webhook at any time.
      await cloud.goAway();
      assert.equal((await get(`${manager.url}/livez`)).status, 200);
      const webhooks = ['validatingwebhookconfigurations,mutatingwebhookconfigurations', '-o', 'name'];
      assert.equal(await kubectl.run(['get', ...webhooks]), '');
      assert.equal(manager.ended(), false);
    } finally {
      await kubectl.attempt(['delete', 'node', name]);
      await rm(folder, { recursive: true, force: true });
    }
  });
});

function get(url: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { rejectUnauthorized: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.once('error', reject);
    call.end();
  });
}
