import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeletNode } from '@ccm-ts/cloud-provider/testing';
import { freePorts } from '../../kube-apiserver/free-ports.ts';
import { after, describe, it } from '../../harness/node-test.ts';
import { kubeconfigVariable } from '../../kubectl/kubectl.ts';
import { readPrograms } from '../../takeover/variables.ts';
import { Administrator, certificate, eventually } from '../running-manager.ts';
import { type Answer, ask } from './ask.ts';
import { commandOf, type ContenderName, type Contenders, startContenders } from './contenders.ts';
import { type Comparison, judge, parseTable, type Row } from './differences.ts';
import { invocations } from './invocations.ts';
import { type Askers, questions } from './questions.ts';
import { runToEnd } from './run-to-end.ts';
import { flagsOf, metricsOf, summaryOf } from './summary.ts';

const page = '../../../packages/cloud-provider/docs/endpoint-differences.md';
const table = parseTable(readFileSync(join(import.meta.dirname, page), 'utf8'));
const programs = readPrograms(process.env);
const kubeconfig = process.env[kubeconfigVariable] ?? '';
const group = 'rbac.authorization.k8s.io';

describe("the Go framework's manager and ours", () => {
  const admin = new Administrator();
  const people = certificate('people of the test');
  const proxies = certificate('proxies of the test');
  let started: Promise<{ readonly contenders: Contenders; readonly askers: Askers }> | undefined;
  let points = 0;
  after(async () => {
    await (await started)?.contenders[Symbol.asyncDispose]();
    admin[Symbol.dispose]();
    process.stdout.write(`${JSON.stringify({ proof: 'side by side', points })}\n`);
  });

  async function start(): Promise<{ readonly contenders: Contenders; readonly askers: Askers }> {
    const [everything, viewer, stranger] = [
      await admin.account('everything'),
      await admin.account('viewer'),
      await admin.account('stranger'),
    ];
    await admin.apply(
      role('may-see', ['/metrics', '/configz'], ['get', 'post']),
      binding('may-see', 'may-see', [
        { kind: 'ServiceAccount', name: 'viewer', namespace: 'kube-system' },
        { apiGroup: group, kind: 'User', name: 'jane' },
        { apiGroup: group, kind: 'Group', name: 'watchers' },
      ]),
      binding('may-everything', 'cluster-admin', [
        { kind: 'ServiceAccount', name: 'everything', namespace: 'kube-system' },
      ]),
      kubeletNode('a-node', new Date()),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'a-service', namespace: 'default' },
        spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
      },
    );
    const contenders = await startContenders({
      programs,
      kubeconfig,
      flags: [
        `--client-ca-file=${admin.file('people.crt', people.certificate)}`,
        `--requestheader-client-ca-file=${admin.file('proxies.crt', proxies.certificate)}`,
        '--requestheader-allowed-names=front-proxy',
      ],
    });
    const askers: Askers = {
      everything,
      viewer,
      stranger,
      user: (name, ...organizations) => certificate(name, { organizations, issuer: people }),
      proxy: (name) => certificate(name, { issuer: proxies }),
      forged: certificate('jane'),
    };
    return { contenders, askers };
  }

  function compare(comparisons: readonly Comparison[], rows: readonly Row[]): void {
    const faults = judge(comparisons, rows);
    assert.deepEqual(faults, [], faults.join('\n'));
    points += comparisons.length;
  }

  function rowsOf(...words: readonly string[]): readonly Row[] {
    return table.filter(({ cases }) => cases.some((name) => words.some((word) => name.startsWith(`${word} `))));
  }

  async function both(path: string): Promise<{ readonly go: Answer; readonly ours: Answer }> {
    const { contenders, askers } = await (started ??= start());
    const headers = { authorization: `Bearer ${askers.everything}` };
    const { go, ours } = contenders;
    return { go: await ask(go.port, { path, headers }), ours: await ask(ours.port, { path, headers }) };
  }

  it('answer the same requests alike, but for what the table lists', async () => {
    const { contenders, askers } = await (started ??= start());
    const comparisons: Comparison[] = [];
    for (const { name, ...question } of questions(askers)) {
      const answer = (port: number): Promise<string> =>
        ask(port, question).then(summaryOf, (error: Error) => `no answer: ${reasonOf(error)}`);
      const [go, ours] = await Promise.all([answer(contenders.go.port), answer(contenders.ours.port)]);
      comparisons.push({ name, go, ours });
    }
    compare(comparisons, rowsOf('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'refusal'));
  });

  it('send the same headers, but for what the table lists', async () => {
    const { go, ours } = await both('/healthz');
    const names = [...new Set([...Object.keys(go.headers), ...Object.keys(ours.headers)])];
    const told = ({ headers }: Answer, name: string): string =>
      ['date', 'audit-id'].includes(name) && headers[name] !== undefined
        ? 'present'
        : String(headers[name] ?? 'absent');
    compare(
      names.map((name) => ({ name: `header ${name}`, go: told(go, name), ours: told(ours, name) })),
      rowsOf('header'),
    );
  });

  it('say the same in /configz, but for what the table lists', async () => {
    const { go, ours } = await both('/configz');
    const told = ({ body }: Answer): ReadonlyMap<string, string> =>
      leavesOf(JSON.parse(body.replaceAll(/side-by-side-(go|ours)/g, 'side-by-side')));
    const [theirs, own] = [told(go), told(ours)];
    const names = [...new Set([...theirs.keys(), ...own.keys()])];
    assert.ok(names.length > 30);
    compare(
      names.map((name) => ({ name: `configz ${name}`, go: theirs.get(name) ?? '', ours: own.get(name) ?? '' })),
      rowsOf('configz'),
    );
  });

  it('have the same metrics with the same types and labels, but for what the table lists', async () => {
    const seen = async (name: ContenderName): Promise<ReadonlyMap<string, string>> => {
      const texts = [(await both('/metrics'))[name].body, (await both('/metrics/slis'))[name].body];
      return metricsOf(texts.join('\n'));
    };
    // What they count has to happen first.
    await eventually('the load balancer to have an address', async () => {
      const service = await admin.kubectl.run(['get', 'service', 'a-service', '-o', 'jsonpath={.status.loadBalancer}']);
      return service.includes('ip');
    });
    const [go, ours] = [await seen('go'), await seen('ours')];
    const names = [...new Set([...go.keys(), ...ours.keys()])];
    compare(
      names.map((name) => ({
        name: `metric ${name}`,
        go: go.get(name) ?? 'absent',
        ours: ours.get(name) ?? 'absent',
      })),
      rowsOf('metric'),
    );
  });

  it('give their queues, controllers and leases the same names, but for what the table lists', async () => {
    const { go, ours } = await both('/metrics');
    const names = ['workqueue_depth', 'running_managed_controllers', 'leader_election_master_status'].flatMap(
      (metric) =>
        [...new Set([...seriesOf(metric, go.body), ...seriesOf(metric, ours.body)])].map((series) => [metric, series]),
    );
    compare(
      names.map(([metric = '', series = '']) => ({
        name: `series ${series}`,
        go: seriesOf(metric, go.body).includes(series) ? 'present' : 'absent',
        ours: seriesOf(metric, ours.body).includes(series) ? 'present' : 'absent',
      })),
      rowsOf('series'),
    );
  });

  it('take the same flags with the same defaults, but for what the table lists', async () => {
    const helpOf = async (name: ContenderName): Promise<string> => {
      const { command, args } = commandOf(name, programs, '');
      return (await runToEnd(command, [...args, '--help'], { seconds: 60 })).stdout;
    };
    const [go, ours] = [flagsOf(await helpOf('go')), flagsOf(await helpOf('ours'))];
    assert.ok(go.size > 80 && ours.size > 80, `${go.size} and ${ours.size} flags`);
    const names = [...new Set([...go.keys(), ...ours.keys()])];
    compare(
      names.map((name) => ({
        name: `flag --${name}`,
        go: go.get(name) ?? 'absent',
        ours: ours.get(name) ?? 'absent',
      })),
      rowsOf('flag'),
    );
  });

  it('end alike on command lines that nobody can follow, but for what the table lists', async () => {
    const endOf = async (name: ContenderName, flags: readonly string[]): Promise<string> => {
      const { command, args } = commandOf(name, programs, 'http://127.0.0.1:9');
      const [port = 0] = await freePorts(1);
      const common = [
        '--cloud-provider=sim',
        '--bind-address=127.0.0.1',
        `--kubeconfig=${kubeconfig}`,
        `--secure-port=${port}`,
        `--leader-elect-resource-name=ended-${name}`,
      ];
      const end = await runToEnd(command, [...args, ...common, ...flags], { seconds: 20 });
      if (end.code === undefined) return 'runs';
      const streams = (['stdout', 'stderr'] as const).filter((stream) => end[stream] !== '');
      return `exit ${end.code}, told on ${streams.join(' and ')}`;
    };
    const comparisons: Comparison[] = [];
    for (const { name, flags } of invocations) {
      comparisons.push({ name: `command ${name}`, go: await endOf('go', flags), ours: await endOf('ours', flags) });
    }
    compare(comparisons, rowsOf('command'));
  });
});

function role(name: string, paths: readonly string[], verbs: readonly string[]): object {
  return {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRole',
    metadata: { name },
    rules: [{ nonResourceURLs: paths, verbs }],
  };
}

function binding(name: string, roleName: string, subjects: readonly object[]): object {
  return {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: roleName },
    subjects,
  };
}

/** The series of a metric, without their values. */
function seriesOf(metric: string, text: string): readonly string[] {
  return text
    .replaceAll(/side-by-side-(go|ours)/g, 'side-by-side')
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`))
    .map((line) => line.slice(0, line.lastIndexOf(' ')))
    .map((series) => `${metric}{${[...series.matchAll(/\w+="[^"]*"/g)].map(String).toSorted().join(',')}}`);
}

/** Alerts of TLS by their number; everything else as the message has it. */
function reasonOf(error: Error): string {
  return /SSL alert number \d+/.exec(error.message)?.[0] ?? error.message;
}

/** Every value of a document by its path. */
function leavesOf(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Map([[path, JSON.stringify(value)]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, child]) => [...leavesOf(child, path === '' ? key : `${path} ${key}`)]),
  );
}
