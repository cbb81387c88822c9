import assert from 'node:assert/strict';
import { after, describe, it } from '../harness/node-test.ts';
import { Kubectl, readTable } from './kubectl.ts';

function unique(stem: string): string {
  return `${stem}-${crypto.randomUUID().slice(0, 8)}`;
}

function nodeManifest(name: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'node-role.kubernetes.io/worker': '' } },
    spec: { taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }] },
  });
}

function serviceManifest(name: string, port: number): string {
  return [
    'apiVersion: v1',
    'kind: Service',
    `metadata: {name: ${name}, annotations: {example.com/kept: "yes"}}`,
    `spec: {type: LoadBalancer, selector: {app: ${name}}, ports: [{name: http, port: ${port}}]}`,
    '',
  ].join('\n');
}

const readyStatus = JSON.stringify({
  status: {
    addresses: [
      { type: 'InternalIP', address: '10.0.0.7' },
      { type: 'ExternalIP', address: '192.0.2.7' },
    ],
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
        lastHeartbeatTime: '2026-01-01T00:00:00Z',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  },
});

describe('kubectl', () => {
  const kubectl = new Kubectl(process.env);
  after(() => kubectl[Symbol.dispose]());

  async function newNode(): Promise<string> {
    const name = unique('node');
    await kubectl.run(['create', '-f', '-'], nodeManifest(name));
    await kubectl.run(['patch', 'node', name, '--subresource=status', '--type=strategic', '-p', readyStatus]);
    return name;
  }

  async function newService(): Promise<string> {
    const name = unique('service');
    await kubectl.run(['apply', '-f', '-'], serviceManifest(name, 80));
    return name;
  }

  it('version: knows the server', async () => {
    const version = JSON.parse(await kubectl.run(['version', '-o', 'json'])) as {
      serverVersion: { gitVersion: string };
    };
    assert.match(version.serverVersion.gitVersion, /^v1\./);
  });

  it('api-resources: knows what there is, by short names too', async () => {
    const printed = await kubectl.run(['api-resources', '-o', 'name']);
    for (const name of [
      'nodes',
      'services',
      'events',
      'leases.coordination.k8s.io',
      'endpointslices.discovery.k8s.io',
    ]) {
      assert.ok(printed.split('\n').includes(name), name);
    }
    const node = await newNode();
    assert.equal(await kubectl.run(['get', 'no', node, '-o', 'name']), `node/${node}\n`);
  });

  it('get nodes: prints the columns of a cluster', async () => {
    const name = await newNode();
    const row = readTable(await kubectl.run(['get', 'nodes'])).find((each) => each.NAME === name);
    assert.deepEqual([row?.STATUS, row?.ROLES], ['Ready', 'worker']);
    assert.match(row?.AGE ?? '', /^\d+s$/);
  });

  it('get nodes -o wide: prints addresses', async () => {
    const name = await newNode();
    const [row] = readTable(await kubectl.run(['get', 'node', name, '-o', 'wide']));
    assert.deepEqual([row?.['INTERNAL-IP'], row?.['EXTERNAL-IP']], ['10.0.0.7', '192.0.2.7']);
    assert.ok('OS-IMAGE' in (row ?? {}) && 'CONTAINER-RUNTIME' in (row ?? {}));
  });

  it('get svc -o wide: a pending load balancer, then a ready one', async () => {
    const name = await newService();
    const [pending] = readTable(await kubectl.run(['get', 'svc', name, '-o', 'wide']));
    assert.deepEqual(
      [pending?.TYPE, pending?.['EXTERNAL-IP'], pending?.SELECTOR],
      ['LoadBalancer', '<pending>', `app=${name}`],
    );
    assert.match(pending?.['PORT(S)'] ?? '', /^80:3\d{4}\/TCP$/);
    const status = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } });
    await kubectl.run(['patch', 'svc', name, '--subresource=status', '--type=merge', '-p', status]);
    const [ready] = readTable(await kubectl.run(['get', 'svc', name]));
    assert.equal(ready?.['EXTERNAL-IP'], '192.0.2.1');
  });

  it('get nodes,svc: prints several kinds at once', async () => {
    const [node, service] = [await newNode(), await newService()];
    const printed = await kubectl.run(['get', 'nodes,svc', '-o', 'wide']);
    assert.match(printed, new RegExp(`^node/${node} +Ready`, 'm'));
    assert.match(printed, new RegExp(`^service/${service} +LoadBalancer`, 'm'));
  });

  it('get -o yaml, json and jsonpath: prints the object', async () => {
    const name = await newService();
    const object = JSON.parse(await kubectl.run(['get', 'svc', name, '-o', 'json'])) as { metadata: { name: string } };
    assert.equal(object.metadata.name, name);
    assert.match(await kubectl.run(['get', 'svc', name, '-o', 'yaml']), /^kind: Service$/m);
    assert.equal(await kubectl.run(['get', 'svc', name, '-o', 'jsonpath={.spec.ports[0].port}']), '80');
  });

  it('get: selects by label and by field', async () => {
    const name = await newNode();
    await kubectl.run(['label', 'node', name, `only=${name}`]);
    assert.equal(await kubectl.run(['get', 'nodes', '-l', `only=${name}`, '-o', 'name']), `node/${name}\n`);
    assert.equal(
      await kubectl.run(['get', 'nodes', `--field-selector=metadata.name=${name}`, '-o', 'name']),
      `node/${name}\n`,
    );
  });

  it('get: says what is not there, and ends with 1', async () => {
    const result = await kubectl.attempt(['get', 'node', 'nobody']);
    assert.equal(result.exitCode, 1);
    assert.equal(result.stderr, 'Error from server (NotFound): nodes "nobody" not found\n');
  });

  it('get: knows a kind that does not exist', async () => {
    const result = await kubectl.attempt(['get', 'wonders']);
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /the server doesn't have a resource type "wonders"/);
  });

  it('describe node: prints what there is to say', async () => {
    const name = await newNode();
    const printed = await kubectl.run(['describe', 'node', name]);
    assert.match(printed, new RegExp(`^Name: +${name}$`, 'm'));
    assert.match(printed, /^Taints: +node.cloudprovider.kubernetes.io\/uninitialized=true:NoSchedule$/m);
    assert.match(printed, /^ {2}Ready +True .*KubeletReady/m);
    assert.match(printed, /^ {2}InternalIP: +10.0.0.7$/m);
  });

  it('describe svc: prints its Events', async () => {
    const name = await newService();
    const uid = await kubectl.run(['get', 'svc', name, '-o', 'jsonpath={.metadata.uid}']);
    await kubectl.run(
      ['create', '-f', '-'],
      JSON.stringify({
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: unique('event'), namespace: 'default' },
        eventTime: new Date().toISOString().replace('Z', '000Z'),
        reportingController: 'service-controller',
        reportingInstance: 'one',
        action: 'EnsureLoadBalancer',
        reason: 'EnsuredLoadBalancer',
        type: 'Normal',
        note: 'Ensured load balancer',
        regarding: { kind: 'Service', apiVersion: 'v1', namespace: 'default', name, uid },
      }),
    );
    const printed = await kubectl.run(['describe', 'svc', name]);
    assert.match(printed, /^Type: +LoadBalancer$/m);
    assert.match(printed, /^Port: +http +80\/TCP$/m);
    assert.match(printed, /^ {2}Normal +EnsuredLoadBalancer .*service-controller +Ensured load balancer$/m);
  });

  it('events and get events: print Events', async () => {
    const name = unique('told');
    await kubectl.run(
      ['create', '-f', '-'],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace: 'default' },
        involvedObject: { kind: 'Service', apiVersion: 'v1', namespace: 'default', name, uid: name },
        reason: 'SyncLoadBalancerFailed',
        message: 'the cloud said no',
        type: 'Warning',
        source: { component: 'service-controller' },
        firstTimestamp: new Date().toISOString().replace(/\.\d+/, ''),
        lastTimestamp: new Date().toISOString().replace(/\.\d+/, ''),
        count: 1,
      }),
    );
    assert.match(
      await kubectl.run(['events', '--for', `service/${name}`]),
      /Warning +SyncLoadBalancerFailed +Service\/told-\S+ +the cloud said no/,
    );
    const [row] = readTable(await kubectl.run(['get', 'events', `--field-selector=involvedObject.name=${name}`]));
    assert.deepEqual(
      [row?.TYPE, row?.REASON, row?.OBJECT, row?.MESSAGE],
      ['Warning', 'SyncLoadBalancerFailed', `service/${name}`, 'the cloud said no'],
    );
  });

  it('apply: creates, leaves alone, changes', async () => {
    const name = unique('applied');
    assert.equal(await kubectl.run(['apply', '-f', '-'], serviceManifest(name, 80)), `service/${name} created\n`);
    assert.equal(await kubectl.run(['apply', '-f', '-'], serviceManifest(name, 80)), `service/${name} unchanged\n`);
    assert.equal(await kubectl.run(['apply', '-f', '-'], serviceManifest(name, 8080)), `service/${name} configured\n`);
    assert.equal(await kubectl.run(['get', 'svc', name, '-o', 'jsonpath={.spec.ports[*].port}']), '8080');
  });

  it('apply: refuses a field that does not exist', async () => {
    const manifest = serviceManifest(unique('typo'), 80).replace('selector:', 'selectr:');
    const result = await kubectl.attempt(['apply', '-f', '-'], manifest);
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /unknown field "spec.selectr"/);
  });

  it('apply and create: refuse what the server refuses', async () => {
    const result = await kubectl.attempt(['create', '-f', '-'], serviceManifest(unique('invalid'), 70000));
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /spec\.ports\[0\]\.port: Invalid value: 70000/);
  });

  it('diff --dry-run: apply --dry-run=server writes nothing', async () => {
    const name = unique('dry');
    assert.equal(
      await kubectl.run(['apply', '--dry-run=server', '-f', '-'], serviceManifest(name, 80)),
      `service/${name} created (server dry run)\n`,
    );
    assert.equal((await kubectl.attempt(['get', 'svc', name])).exitCode, 1);
  });

  it('delete: deletes and waits until it is gone', async () => {
    const name = await newService();
    assert.equal(await kubectl.run(['delete', 'svc', name]), `service "${name}" deleted from default namespace\n`);
    assert.equal((await kubectl.attempt(['get', 'svc', name])).exitCode, 1);
  });

  it('delete: waits for finalizers', async () => {
    const name = await newService();
    await kubectl.run(['patch', 'svc', name, '--type=merge', '-p', '{"metadata":{"finalizers":["example.com/hold"]}}']);
    const waiting = kubectl.run(['delete', 'svc', name]);
    await kubectl.run(['wait', `svc/${name}`, '--for=jsonpath={.metadata.deletionTimestamp}', '--timeout=10s']);
    await kubectl.run(['patch', 'svc', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    assert.match(await waiting, /deleted/);
  });

  it('label and annotate: set, refuse to overwrite, remove', async () => {
    const name = await newNode();
    await kubectl.run(['label', 'node', name, 'color=red']);
    assert.equal((await kubectl.attempt(['label', 'node', name, 'color=blue'])).exitCode, 1);
    await kubectl.run(['label', 'node', name, 'color=blue', '--overwrite']);
    assert.equal(await kubectl.run(['get', 'node', name, '-o', 'jsonpath={.metadata.labels.color}']), 'blue');
    await kubectl.run(['label', 'node', name, 'color-']);
    assert.equal(await kubectl.run(['get', 'node', name, '-o', 'jsonpath={.metadata.labels.color}']), '');
    await kubectl.run(['annotate', 'node', name, 'note=x']);
    assert.equal(await kubectl.run(['get', 'node', name, '-o', 'jsonpath={.metadata.annotations.note}']), 'x');
  });

  it('taint, cordon and uncordon: change what the scheduler sees', async () => {
    const name = await newNode();
    await kubectl.run(['taint', 'node', name, 'key=value:NoExecute']);
    const taints = () => kubectl.run(['get', 'node', name, '-o', 'jsonpath={.spec.taints[*].key}']);
    assert.ok((await taints()).split(' ').includes('key'));
    await kubectl.run(['taint', 'node', name, 'key-']);
    assert.ok(!(await taints()).split(' ').includes('key'));
    await kubectl.run(['cordon', name]);
    const [row] = readTable(await kubectl.run(['get', 'node', name]));
    assert.equal(row?.STATUS, 'Ready,SchedulingDisabled');
    await kubectl.run(['uncordon', name]);
  });

  it('edit by replace: refuses a conflict', async () => {
    const name = await newService();
    const old = await kubectl.run(['get', 'svc', name, '-o', 'json']);
    await kubectl.run(['label', 'svc', name, 'a=b']);
    const result = await kubectl.attempt(['replace', '-f', '-'], old);
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /the object has been modified/);
  });

  it('get -w: prints a row for every change', async () => {
    const name = await newService();
    await using watching = kubectl.start(['get', 'svc', name, '-w']);
    await watching.lines((lines) => lines.length >= 2);
    const status = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } });
    await kubectl.run(['patch', 'svc', name, '--subresource=status', '--type=merge', '-p', status]);
    const lines = await watching.lines((seen) => seen.length >= 3);
    assert.match(lines[0] ?? '', /^NAME +TYPE/);
    assert.match(lines[1] ?? '', /<pending>/);
    assert.match(lines[2] ?? '', /192\.0\.2\.1/);
  });

  it('get -w --output-watch-events: shows additions and deletions', async () => {
    const label = unique('watched');
    await using watching = kubectl.start(['get', 'nodes', '-w', '-l', `test=${label}`, '--output-watch-events']);
    const name = await newNode();
    // The watch may not be open yet; a first change that it shows proves that it is.
    await kubectl.run(['label', 'node', name, `test=${label}`]);
    await watching.lines((lines) => lines.some((line) => line.startsWith('ADDED') && line.includes(name)));
    await kubectl.run(['delete', 'node', name]);
    await watching.lines((lines) => lines.some((line) => line.startsWith('DELETED') && line.includes(name)));
  });

  it('wait: sees a condition come true', async () => {
    const name = await newNode();
    await kubectl.run(['wait', `node/${name}`, '--for=condition=Ready', '--timeout=10s']);
  });

  it('get --raw: reaches the server itself', async () => {
    assert.equal(await kubectl.run(['get', '--raw', '/readyz']), 'ok');
  });
});
