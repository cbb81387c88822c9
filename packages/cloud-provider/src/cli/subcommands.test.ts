import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { type Bench, addBalancer, addService, serviceManifest, setUpBusyBench, writeIn } from './test-bench.ts';

describe('subcommands', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await setUpBusyBench();
  }, 60_000);

  afterEach(async () => {
    await bench[Symbol.asyncDispose]();
  }, 60_000);

  it('plan what the manager then does, and nothing after it', async () => {
    const before = await bench.run('plan', '--output', 'json');
    const planned = JSON.parse(before.out) as { objects: { key: string; steps: { kind: string; verb: string }[] }[] };
    expect(before.code).toBe(2);
    expect(planned.objects.find(({ key }) => key === 'default/web')?.steps).toMatchObject([
      { verb: 'create', kind: 'LoadBalancer' },
      { verb: 'create', kind: 'Listener' },
      { verb: 'create', kind: 'BackendPool', after: 'nodes' },
    ]);
    expect(bench.api.log.entries).toEqual([]);
    expect(bench.cloud.snapshot().loadBalancers).toEqual([]);

    await bench.settle();
    expect(bench.cloud.snapshot().loadBalancers).toHaveLength(1);
    const after = await bench.run('plan');
    expect([after.code, after.first]).toEqual([0, expect.stringMatching(/^Plan: nothing is to be done/)]);
    expect(await bench.run('migrate', 'check')).toMatchObject({ code: 0 });
    const shadow = await bench.run('migrate', 'shadow', '--for', '200ms', '--every', '50ms');
    expect([shadow.code, shadow.first]).toEqual([0, expect.stringMatching(/^Shadow: passed/)]);
    const why = await bench.run('explain', 'svc/web');
    expect([why.code, why.first]).toEqual([
      0,
      expect.stringMatching(/^Service default\/web: as it should be, reached at /),
    ]);
    expect(why.out).toContain('EnsuredLoadBalancer');
    expect(await bench.run('audit')).toMatchObject({ code: 0 });
    expect(await bench.run('orphans', 'list')).toMatchObject({ code: 0 });
  }, 120_000);

  it('say why a Service has no load balancer', async () => {
    addService(bench, 'internal', { spec: { type: 'ClusterIP' } });
    addService(bench, 'other', { spec: { loadBalancerClass: 'example.com/other' } });
    expect((await bench.run('explain', 'service/internal')).first).toMatch(/of type ClusterIP/);
    expect((await bench.run('explain', 'service/other')).first).toMatch(
      /example.com\/other belongs to another controller/,
    );
    expect((await bench.run('explain', 'service/none')).first).toMatch(/there is no Service default\/none/);
    expect((await bench.run('explain', 'service/web')).first).toMatch(
      /2 writes are due: the Service has no address yet/,
    );
  }, 60_000);

  it('find, keep and delete what lost its owner', async () => {
    await bench.settle();
    const web = bench.api.store.get('services', 'web') as { metadata: { uid: string } };
    bench.api.store.update('services', 'web', (service) => {
      const { metadata } = service as { metadata: object };
      return { ...service, metadata: { ...metadata, finalizers: [] } };
    });
    bench.api.store.delete('services', 'web');
    const list = await bench.run('orphans', 'list', '-o', 'json');
    const { orphans } = JSON.parse(list.out) as { orphans: { kind: string; id: string; madeFor: string }[] };
    expect([list.code, orphans.length]).toEqual([2, 1]);
    expect(orphans[0]?.madeFor).toContain(web.metadata.uid);
    const id = `${orphans[0]?.kind ?? ''}/${orphans[0]?.id ?? ''}`;
    expect((await bench.run('audit')).out).toContain(`leaked`);
    const would = await bench.run('orphans', 'delete', id);
    expect([would.code, would.first]).toEqual([2, expect.stringMatching(/^Would delete .*add --yes/)]);
    expect(bench.cloud.snapshot().loadBalancers).toHaveLength(1);
    expect(await bench.run('orphans', 'delete', id, '--yes')).toMatchObject({ code: 0 });
    const left = await bench.run('orphans', 'list');
    expect(left.first).toMatch(/^Orphans: 0 of/);
    expect(await bench.run('orphans', 'delete', id, '--yes')).toMatchObject({ code: 1 });
  }, 120_000);

  it('adopt by annotation, once they are told to', async () => {
    expect(await bench.run('orphans', 'adopt', 'lb-1', '--service', 'default/web')).toMatchObject({ code: 2 });
    expect(bench.api.log.entries).toEqual([]);
    expect(await bench.run('orphans', 'adopt', 'lb-1', '--service', 'default/web', '--yes')).toMatchObject({ code: 0 });
    const web = bench.api.store.get('services', 'web') as { metadata: { annotations: object } };
    expect(web.metadata.annotations).toEqual({ 'ccm-ts/adopt': 'lb-1' });
  }, 60_000);

  it('plan and judge manifests that are not applied', async () => {
    const file = await writeIn(bench, 'new.yaml', `kind: ConfigMap\n---\n${JSON.stringify(serviceManifest('new'))}\n`);
    const plan = await bench.run('plan', '-f', file, '--output', 'markdown');
    expect([plan.code, plan.err]).toEqual([2, '']);
    expect(plan.out).toContain('| Service default/new | create | LoadBalancer ');
    expect(plan.out).not.toContain('default/web');
    expect(await bench.run('lint', '-f', file, '--kubeconfig', '/nowhere')).toMatchObject({ code: 0 });
    const garbage = {
      'ccm-ts/protct': 'true',
      'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8, nonsense',
      'x/y': '\u001b[31mred\u0007',
    };
    const bad = await writeIn(bench, 'bad.yaml', JSON.stringify(serviceManifest('bad', { annotations: garbage })));
    const lint = await bench.run('lint', '-f', bad);
    expect(lint.code).toBe(2);
    expect(lint.out).toContain('did you mean ccm-ts/protect?');
    expect(lint.out).toContain('"nonsense" is not possible');
  }, 60_000);

  it.each([
    ['{', /is no YAML/],
    ['a: b: c', /document 1: this is no YAML/],
    ['- 1', /this is no object/],
    ['kind: Pod', /there is no Service in/],
    ['kind: Service\nspec:\n  ports: 7', /is no Service|has no name/],
  ])('say what is wrong with the file %j', async (text, cause) => {
    const file = await writeIn(bench, 'bad.yaml', text);
    for (const command of ['lint', 'plan']) {
      const { code, err, first } = await bench.run(command, '-f', file);
      expect([code, first]).toEqual([1, expect.stringMatching(cause)]);
      expect(err).not.toMatch(/\n\s+at .*:\d+:\d+/);
    }
  });

  it('never let what is written on objects steer the terminal', async () => {
    addService(bench, 'evil', { annotations: { 'ccm-ts/on-delete': '\u001b]0;owned\u0007 \u001b[2J' } });
    for (const words of [['audit'], ['explain', 'service/evil'], ['plan']]) {
      expect((await bench.run(...words)).out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
    }
  }, 60_000);

  it.each([
    [['plam'], 'did you mean plan?'],
    [['plan', 'everything'], 'write one of nodes, services, routes'],
    [['plan', '--outptu', 'json'], 'did you mean --output?'],
    [['plan', '--output', 'xml'], 'write one of text, json, yaml, markdown'],
    [['explain'], 'too few words'],
    [['explain', 'pod/x'], 'write service/NAMESPACE/NAME or node/NAME'],
    [['migrate', 'now'], 'write check or shadow'],
    [['completion', 'tcsh'], 'write bash, zsh, fish'],
    [['lint'], 'write -f FILE'],
    [['plan', '--timeout', 'soon'], 'write a duration'],
  ])('say how they are used: %j', async (words, hint) => {
    const { code, err } = await bench.run(...words);
    expect([code, err]).toEqual([64, expect.stringContaining(hint)]);
  });

  it('answer in the form that is asked for', async () => {
    expect(JSON.parse((await bench.run('plan', '-o', 'json')).out)).toHaveProperty('objects');
    expect((await bench.run('plan', '--output=yaml')).out).toMatch(/^summary: /);
    const failed = await bench.run('plan', '-o', 'json', '--kubeconfig', '/nowhere');
    expect(JSON.parse(failed.out)).toMatchObject({ error: { next: '' } });
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await bench.run('completion', shell)).out).toContain('migrate');
    for (const command of ['plan', 'explain', 'doctor', 'orphans', 'audit', 'migrate', 'capture', 'replay', 'lint']) {
      const help = await bench.run(command, '--help');
      expect([help.code, help.out]).toEqual([0, expect.stringContaining(`Usage: memory-ccm ${command}`)]);
    }
    expect((await bench.run('help')).out).toContain('doctor');
    expect((await bench.run('annotations', 'protect')).out).toContain('ccm-ts/protect');
  }, 60_000);

  const incidents: readonly (readonly [string, (bench: Bench) => void | Promise<void>])[] = [
    ['a new cluster', () => undefined],
    ['a cluster at rest', (each) => each.settle()],
    ['a throttling cloud', (each) => void fault(each, { kind: 'throttle', retryAfter: Duration.seconds(9) })],
    ['a cloud that denies', (each) => void fault(each, { kind: 'deny' })],
    ['a cloud without quota', (each) => void fault(each, { kind: 'quota' })],
    ['a cloud that is down', (each) => void fault(each, { kind: 'unavailable' })],
    ['a cloud that breaks connections', (each) => void fault(each, { kind: 'loseRequest' })],
    ['a cloud that is busy', (each) => void fault(each, { kind: 'busy' })],
    ['a cloud that does not answer', (each) => void fault(each, { kind: 'loseReply', how: 'reset' })],
    [
      'a Service without node ports',
      (each) => addService(each, 'bare', { spec: { allocateLoadBalancerNodePorts: false } }),
    ],
    ['a load balancer of nobody', (each) => plant(each, {})],
    ['a load balancer of another cluster', (each) => plant(each, { [clusterStampKey]: 'another' })],
    [
      'a protocol that is refused',
      (each) => addService(each, 'sctp', { spec: { ports: [{ port: 1, protocol: 'SCTP' }] } }),
    ],
    [
      'an annotation that is garbage',
      (each) => addService(each, 'r', { annotations: { 'service.beta.kubernetes.io/memory-lb-internal': 'x\u0000{' } }),
    ],
    [
      'a node without a machine',
      (each) =>
        each.api.store.create('nodes', {
          metadata: { name: 'ghost' },
          spec: { taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: 'NoSchedule' }] },
        }) && undefined,
    ],
    [
      'a protected Service that goes',
      async (each) => {
        await each.settle();
        each.api.store.patch('services', 'web', { metadata: { annotations: { 'ccm-ts/protect': 'true' } } });
        each.api.store.delete('services', 'web');
      },
    ],
    [
      'a machine that is gone',
      async (each) => {
        await each.settle();
        for (const { id } of each.cloud.snapshot().instances) each.cloud.operator.terminate(id);
        each.api.store.patch('nodes', { name: 'n1', subresource: 'status' } as never, {
          status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
        });
      },
    ],
  ];

  const seen = new Set<string>();

  it.each(incidents)(
    'capture %s, and replay it to the same plan',
    async (_title, cause) => {
      await cause(bench);
      const file = `${bench.folder}/capture.json`;
      const taken = await bench.run('capture', '--file', file);
      expect([taken.code, taken.err]).toEqual([0, '']);
      bench.cloud.faults.add({ effect: { kind: 'deny' } });
      const replayed = await bench.run('replay', file, '--kubeconfig', '/nowhere');
      expect([replayed.code, replayed.first]).toEqual([0, expect.stringContaining('the same plan')]);

      const text = readFileSync(file, 'utf8');
      const { calls, plan } = JSON.parse(text) as {
        readonly calls: readonly { readonly outcome: string }[];
        readonly plan: { readonly objects: readonly { readonly reason: string }[] };
      };
      for (const { outcome } of calls) seen.add(outcome);
      for (const { reason } of plan.objects) seen.add(reason);
      for (const part of [0, 0.3, 0.999]) {
        const half = await writeIn(bench, 'half.json', text.slice(0, Math.floor(text.length * part)));
        const { code, first } = await bench.run('replay', half);
        expect([code, first]).toEqual([1, expect.stringMatching(/half of a capture|no capture/)]);
      }
      const lacking = await writeIn(
        bench,
        'lacking.json',
        JSON.stringify({ format: 'ccm-ts/capture', formatVersion: 1 }),
      );
      expect((await bench.run('replay', lacking)).first).toMatch(/only a part of a capture: it lacks provider/);
    },
    120_000,
  );

  it('have replayed every error of the cloud that a question can end with, and every refusal', () => {
    const errors = ['Throttled', 'Denied', 'Quota', 'Unavailable', 'Conflict'];
    const refusals = ['OwnershipConflict', 'Protected', 'UnsupportedProtocol', 'InvalidAnnotation', 'NodePortMissing'];
    expect([...errors, ...refusals].filter((each) => !seen.has(each))).toEqual([]);
  });
});

/** Only after the first call, which asks whether the cloud answers at all. */
function fault({ cloud }: Bench, effect: Parameters<Bench['cloud']['faults']['add']>[0]['effect']): void {
  for (const operation of ['DescribeInstances', 'DescribeNetwork', 'GetLoadBalancer', 'ListLoadBalancers'] as const) {
    cloud.faults.add({ effect, match: { operation } });
  }
}

function plant(bench: Bench, tags: Readonly<Record<string, string>>): void {
  const { uid } = (bench.api.store.get('services', 'web') as { metadata: { uid: string } }).metadata;
  addBalancer(bench, { name: `a${uid.replaceAll('-', '')}`.slice(0, 32), by: 'somebody', tags });
}
