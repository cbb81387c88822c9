import assert from 'node:assert/strict';
import { before } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtInControllers, providerControllers, type RbacOptions, rbacObjects } from '@ccm-ts/cloud-provider';
import { awsCloudProvider } from '@ccm-ts/cloud-provider-aws';
import { required } from '../aws/variables.ts';
import { after, describe, it } from '../harness/node-test.ts';
import { Kubectl } from '../kubectl/kubectl.ts';
import {
  distributionValues,
  distributions,
  manifestFolder,
  manifestText,
  releaseName,
  type StagedChart,
  stageChart,
} from './charts.ts';
import { runHelm } from './helm.ts';
import { helmVariable } from './variables.ts';

const provider = 'cloud-provider-aws';
const helm = required(process.env, helmVariable);
const kubectl = new Kubectl(process.env);
const declared = awsCloudProvider.controllers ?? [];
const everyController = [...builtInControllers, ...providerControllers(declared)];
const offByDefault = [
  'node-ipam-controller',
  ...declared.filter(({ byDefault }) => byDefault === 'no').map(({ name }) => name),
];
const standard = everyController.filter(({ name }) => !offByDefault.includes(name));

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly unknown[];
  readonly subjects?: readonly unknown[];
}

describe('the chart', () => {
  let chart: StagedChart;

  before(async () => {
    chart = await stageChart(helm, provider);
  });

  after(async () => {
    await chart[Symbol.asyncDispose]();
    kubectl[Symbol.dispose]();
  });

  async function render(values: object): Promise<readonly Rendered[]> {
    const args = Object.entries(values).map(([key, value]) => `--set-json=${key}=${JSON.stringify(value)}`);
    const { exitCode, stdout, stderr } = await chart.template(args);
    assert.equal(exitCode, 0, stderr);
    const json = await kubectl.run(['create', '--dry-run=client', '--output=json', '--filename=-'], stdout);
    return (
      JSON.parse(`[${json.trim().replaceAll(/\n\}\n\{/g, '\n},\n{')}]`) as (Rendered & { items?: Rendered[] })[]
    ).flatMap((object) => object.items ?? [object]);
  }

  it('passes the linter', async () => {
    const { exitCode, stdout } = await runHelm(helm, ['lint', '--strict', chart.folder]);
    assert.equal(exitCode, 0, stdout);
  });

  it('renders the plain manifests as they are committed', async () => {
    for (const distribution of await distributions()) {
      const { stdout, stderr } = await chart.template([`--values=${distributionValues(distribution)}`]);
      assert.equal(stderr, '');
      const committed = await readFile(join(manifestFolder(provider), `${distribution}.yaml`), 'utf8');
      assert.equal(manifestText(stdout), committed, `${distribution}: run e2e/deploy/write-manifests.ts`);
    }
  });

  it('knows the controllers of the provider', async () => {
    const listed = (await readFile(join(chart.folder, 'values.yaml'), 'utf8')).split('provider:')[1];
    for (const { name, byDefault, serviceAccount } of declared) {
      const entry = `- name: ${name}\n      byDefault: ${byDefault === 'yes'}\n      serviceAccount: ${serviceAccount}\n`;
      assert.ok(listed?.includes(entry), name);
    }
  });

  const slices: readonly (readonly [string, object, Partial<RbacOptions>])[] = [
    ['all that are on by default', {}, {}],
    [
      'nodes alone',
      { controllers: ['cloud-node', 'cloud-node-lifecycle-controller'] },
      { controllers: everyController.slice(0, 2) },
    ],
    [
      'all but routes',
      { controllers: ['-route', '*'] },
      { controllers: standard.filter(({ name }) => !name.includes('route')) },
    ],
    ['the provider’s own too', { controllers: ['*', 'nodeipam', 'tagging'] }, { controllers: everyController }],
    ['no election', { 'leaderElection.enabled': false }, { lease: undefined }],
    [
      'a lease elsewhere',
      { 'leaderElection.leaseNamespace': 'ccm', 'leaderElection.leaseName': 'blue' },
      { lease: { namespace: 'ccm', name: 'blue' } },
    ],
    ['accounts of controllers', { serviceAccountPerController: true }, { controllers: [], usesServiceAccounts: 'yes' }],
  ];
  for (const [title, values, options] of slices) {
    it(`gives the rights of the controllers that run: ${title}`, async () => {
      const expected = rbacObjects({
        name: releaseName,
        subject: { kind: 'ServiceAccount', name: releaseName, namespace: 'kube-system' },
        controllers: standard,
        lease: { namespace: 'kube-system', name: 'cloud-controller-manager' },
        ...options,
      });
      const rendered = (await render(values)).filter(({ metadata }) => metadata.name === releaseName);
      for (const { kind, metadata, ...rest } of expected) {
        const same = rendered.find(
          (object) => object.kind === kind && (object.metadata.namespace ?? '') === (metadata.namespace ?? ''),
        );
        assert.deepEqual(sorted(same?.rules), sorted(rest['rules']), `${kind} ${metadata.namespace ?? ''}`);
        assert.deepEqual(same?.subjects, rest['subjects']);
      }
    });
  }

  it('gives each account of a controller the rights of its controllers', async () => {
    const rendered = await render({ serviceAccountPerController: true });
    const byAccount = Map.groupBy(standard, ({ serviceAccount }) => serviceAccount);
    for (const [account, controllers] of byAccount) {
      const role = rendered.find(
        ({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === `${releaseName}:${account}`,
      );
      const granted = rights(role?.rules);
      const wanted = new Set(
        controllers.flatMap(({ rbac }) =>
          rbac.flatMap(({ apiGroup, resources, verbs }) =>
            resources.flatMap((resource) => verbs.map((verb) => `${apiGroup}/${resource} ${verb}`)),
          ),
        ),
      );
      assert.deepEqual(granted, [...wanted].toSorted(), account);
    }
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['logging.verbosity=much', "at '/logging/verbosity'"],
    ['replica=3', "additional properties 'replica' not allowed"],
    ['metrics.serviceMonitor.intervall=1s', "additional properties 'intervall' not allowed"],
    ['mode=dry', "at '/mode'"],
    ['securePort=0', "at '/securePort'"],
    ['clusterCIDRs={10.0.0.0}', "at '/clusterCIDRs/0'"],
    ['image.digest=latest', "at '/image/digest'"],
    ['extraArgs.--v=4', "at '/extraArgs': additional properties '--v' not allowed"],
    ['controllers={nodes}', 'controllers: nodes is not a controller'],
    ['allocateNodeCIDRs=true', 'allocateNodeCIDRs: it takes clusterCIDRs'],
  ];
  for (const [setting, words] of wrong) {
    it(`names the key of the wrong value ${setting}`, async () => {
      const { exitCode, stderr } = await chart.template([`--set=${setting}`]);
      assert.notEqual(exitCode, 0);
      assert.ok(stderr.includes(words), stderr);
    });
  }

  it('is installed, changed and removed by Helm on a real API server', async () => {
    const kubeconfig = ['--kubeconfig', required(process.env, 'CCM_TS_E2E_KUBECONFIG'), '--namespace=kube-system'];
    const installed = await runHelm(helm, ['install', releaseName, chart.folder, ...kubeconfig]);
    assert.equal(installed.exitCode, 0, installed.stderr);
    assert.ok(installed.stdout.includes('--cloud-provider=external'), installed.stdout);
    const [deployment] = (await kubectl.run(['get', 'deployments', '-n', 'kube-system', '-o', 'name'])).split('\n');
    assert.equal(deployment, `deployment.apps/${releaseName}`);
    const changed = await runHelm(helm, [
      'upgrade',
      releaseName,
      chart.folder,
      ...kubeconfig,
      '--set=kind=DaemonSet,cloudConfig.text=[Global],metrics.dashboard.enabled=true',
    ]);
    assert.equal(changed.exitCode, 0, changed.stderr);
    const kinds = await kubectl.run([
      'get',
      'deployments,daemonsets,secrets,configmaps',
      '-n',
      'kube-system',
      '-o',
      'name',
    ]);
    for (const name of [
      `daemonset.apps/${releaseName}`,
      `secret/${releaseName}-cloud-config`,
      `configmap/${releaseName}-dashboard`,
    ]) {
      assert.ok(kinds.includes(name), kinds);
    }
    assert.ok(!kinds.includes('deployment.apps'), kinds);
    const removed = await runHelm(helm, ['uninstall', releaseName, ...kubeconfig]);
    assert.equal(removed.exitCode, 0, removed.stderr);
    assert.equal(await kubectl.run(['get', 'daemonsets,services,secrets', '-n', 'kube-system', '-o', 'name']), '');
  });

  it('makes manifests that a real API server takes, with no field that it does not know', async () => {
    for (const distribution of await distributions()) {
      const file = join(manifestFolder(provider), `${distribution}.yaml`);
      await kubectl.run(['apply', '--server-side', '--validate=strict', '-f', file]);
      await kubectl.run(['delete', '-f', file, '--wait=false']);
    }
  });
});

function sorted(rules: unknown): unknown {
  return Array.isArray(rules)
    ? rules.map((rule) => JSON.stringify(rule, Object.keys(rule as object).toSorted())).toSorted()
    : rules;
}

function rights(rules: readonly unknown[] = []): readonly string[] {
  const known = rules as readonly { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  return known
    .flatMap(({ apiGroups, resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${apiGroups.join()}/${resource} ${verb}`)),
    )
    .toSorted();
}
