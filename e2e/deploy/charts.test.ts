import assert from 'node:assert/strict';
import { before } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtInControllers, providerControllers, type RbacOptions, rbacObjects } from '@ccm-ts/cloud-provider';
import { awsCloudProvider } from '@ccm-ts/cloud-provider-aws';
import { eventually } from '../aws/eventually.ts';
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
import { everythingOn, variations } from './values.ts';
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
  readonly spec?: { readonly template?: { readonly spec: Pod } };
}

interface Pod {
  readonly containers: readonly { readonly args: readonly string[] }[];
  readonly serviceAccountName: string;
  readonly nodeSelector: unknown;
  readonly tolerations: unknown;
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
    ['accounts of controllers', { serviceAccountPerController: true }, { share: 'shared', usesServiceAccounts: 'yes' }],
    [
      'a manager on each node beside it',
      { 'nodeAgent.enabled': true },
      { controllers: standard.filter(({ name }) => name !== 'cloud-node-controller') },
    ],
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
      const own = rbacObjects({
        name: account,
        subject: { kind: 'ServiceAccount', name: account, namespace: 'kube-system' },
        controllers,
        lease: undefined,
        share: 'own',
      });
      const wanted = new Set(rights(own.find(({ kind }) => kind === 'ClusterRole')?.['rules'] as readonly unknown[]));
      assert.deepEqual(granted, [...wanted].toSorted(), account);
    }
  });

  it('runs another manager on each node if it is told to, for this node alone and with the rights for that', async () => {
    const rendered = await render({ 'nodeAgent.enabled': true, 'cloudConfig.text': '[Global]' });
    const name = `${releaseName}-node`;
    const agent = rendered.find(({ kind }) => kind === 'DaemonSet');
    assert.equal(agent?.metadata.name, name);
    const pod = podOf(agent);
    const [container] = pod.containers;
    for (const flag of ['--controllers=cloud-node-controller', '--node-name=$(NODE_NAME)', '--leader-elect=false']) {
      assert.ok(container?.args.includes(flag), flag);
    }
    assert.equal(pod.serviceAccountName, name);
    assert.deepEqual(pod.nodeSelector, { 'kubernetes.io/os': 'linux' });
    assert.deepEqual(pod.tolerations, [{ operator: 'Exists' }]);
    const manager = podOf(rendered.find(({ kind }) => kind === 'Deployment'));
    assert.ok(manager.containers[0]?.args.includes('--controllers=-cloud-node-controller,*'));
    const expected = rbacObjects({
      name,
      subject: { kind: 'ServiceAccount', name, namespace: 'kube-system' },
      controllers: standard.filter((controller) => controller.name === 'cloud-node-controller'),
      lease: undefined,
    });
    for (const { kind, ...rest } of expected) {
      const same = rendered.find((object) => object.kind === kind && object.metadata.name === name);
      assert.deepEqual(sorted(same?.rules), sorted(rest['rules']), kind);
    }
  });

  it('uses every value', async () => {
    const withAll = async (more: Readonly<Record<string, unknown>>): Promise<string> => {
      const settings = Object.entries({ ...everythingOn, ...more });
      const { stdout, stderr } = await chart.template(
        settings.map(([path, value]) => `--set-json=${path}=${JSON.stringify(value)}`),
      );
      assert.equal(stderr, '');
      return stdout;
    };
    const usual = await withAll({});
    const found = await variations(chart);
    assert.ok(found.length > 50, `${found.length} values`);
    for (const { path, value } of found) {
      const together = path === 'cloudConfig.existingSecret' ? { 'cloudConfig.text': '' } : {};
      const given = path === 'allocateNodeCIDRs' ? { clusterCIDRs: ['10.0.0.0/8'] } : {};
      const before = path === 'allocateNodeCIDRs' ? await withAll(given) : usual;
      const off = path === 'metrics.service.enabled' ? { 'metrics.serviceMonitor.enabled': false } : {};
      const compared = path === 'metrics.service.enabled' ? await withAll(off) : before;
      assert.notEqual(await withAll({ ...together, ...given, ...off, [path]: value }), compared, path);
    }
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['logging.verbosity=much', "at '/logging/verbosity'"],
    ['replica=3', "additional properties 'replica' not allowed"],
    ['metrics.serviceMonitor.intervall=1s', "additional properties 'intervall' not allowed"],
    ['mode=dry', "at '/mode'"],
    ['nodeAgent.port=1', "additional properties 'port' not allowed"],
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

  it('makes monitors, alerts and dashboards that a real API server takes', async () => {
    await kubectl.run(['apply', '-f', join(import.meta.dirname, 'crds/monitoring.yaml')]);
    await kubectl.run(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
    const on = ['serviceMonitor', 'alerts', 'dashboard'].map((name) => `--set=metrics.${name}.enabled=true`);
    const { stdout, stderr } = await chart.template([...on, '--set=metrics.serviceMonitor.labels.release=prometheus']);
    assert.equal(stderr, '');
    await kubectl.run(['apply', '--server-side', '--validate=strict', '-f', '-'], stdout);
    const get = async <Found>(kind: string, name = releaseName): Promise<Found> =>
      JSON.parse(await kubectl.run(['get', kind, name, '-n', 'kube-system', '-o', 'json'])) as Found;
    const monitor = await get<{
      metadata: { labels: Record<string, string> };
      spec: { selector: { matchLabels: Record<string, string> }; endpoints: { port: string }[] };
    }>('servicemonitor');
    assert.equal(monitor.metadata.labels['release'], 'prometheus');
    // It finds the Service of the metrics by its labels, and its port by name.
    const service = await get<{ metadata: { labels: Record<string, string> }; spec: { ports: { name: string }[] } }>(
      'service',
      `${releaseName}-metrics`,
    );
    for (const [label, value] of Object.entries(monitor.spec.selector.matchLabels)) {
      assert.equal(service.metadata.labels[label], value, label);
    }
    assert.deepEqual(
      monitor.spec.endpoints.map(({ port }) => port),
      service.spec.ports.map(({ name }) => name),
    );
    const alerts = await get<{ spec: { groups: { rules: { alert: string; annotations: { summary: string } }[] }[] } }>(
      'prometheusrule',
    );
    const rules = alerts.spec.groups.flatMap((group) => group.rules);
    assert.ok(rules.length > 5, 'there are alerts');
    // What Prometheus fills in is not for Helm.
    assert.ok(rules.some(({ annotations }) => annotations.summary.includes('{{ $labels.')));
    const dashboard = await get<{ data: Record<string, string> }>('configmap', `${releaseName}-dashboard`);
    const { panels } = JSON.parse(Object.values(dashboard.data)[0] ?? '') as { panels: unknown[] };
    assert.ok(panels.length > 20, `${panels.length} panels`);
    await kubectl.run(['delete', '-f', '-', '--wait=false'], stdout);
  });

  it('makes pods that the API server takes for restricted ones, but for the network of the host', async () => {
    const namespace = 'restricted';
    const enforced = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const accountOf = (name: string): object => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace },
    });
    const house = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: enforced } };
    const items = [house, ...[releaseName, `${releaseName}-node`].map(accountOf)];
    await kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    // Its kinds of objects are not known yet.
    const withoutOperator = { 'metrics.serviceMonitor.enabled': false, 'metrics.alerts.enabled': false };
    for (const hostNetwork of [false, true]) {
      const values = { ...everythingOn, ...withoutOperator, hostNetwork };
      const workloads = (await render(values)).filter(({ kind }) => ['Deployment', 'DaemonSet'].includes(kind));
      assert.equal(workloads.length, 2);
      for (const workload of workloads) {
        const metadata = { name: workload.metadata.name, namespace };
        const pod = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: podOf(workload) });
        const { exitCode, stderr } = await kubectl.attempt(['create', '--dry-run=server', '-f', '-'], pod);
        if (!hostNetwork) assert.equal(exitCode, 0, stderr);
        else assert.match(stderr, /violates PodSecurity "restricted:latest": host namespaces \(hostNetwork=true\)/);
        assert.doesNotMatch(stderr, /privilege|capabilities|runAs|seccomp|volume/i);
      }
    }
  });

  it('has the API server judge annotations if it is told to', async () => {
    const { stdout, stderr } = await chart.template([
      '--set=annotationPolicies.enabled=true',
      '--show-only=templates/manager.yaml',
    ]);
    assert.equal(stderr, '');
    await kubectl.run(['apply', '--server-side', '--validate=strict', '-f', '-'], stdout);
    try {
      const names = ['service-annotations', 'service-annotation-remarks'].map((name) => `${releaseName}-${name}`);
      const get = ['get', 'validatingadmissionpolicybindings', ...names, '-o', 'jsonpath={.items[*].spec.policyName}'];
      assert.equal(await kubectl.run(get), names.join(' '));
      const service = (annotation: string): string =>
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: {
            name: 'judged',
            namespace: 'default',
            annotations: { [`service.beta.kubernetes.io/aws-load-balancer-${annotation}`]: 'v2' },
          },
          spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
        });
      // They count some seconds after they were written.
      const isHopeless = (): boolean => false;
      const rehearse = ['create', '--dry-run=server', '-o', 'name', '-f', '-'];
      await eventually(async () => {
        const { stderr: told } = await kubectl.attempt(rehearse, service('proxy-protocol'));
        assert.match(told, /aws-load-balancer-proxy-protocol: write \* for all ports/);
      }, isHopeless);
      assert.match((await kubectl.attempt(rehearse, service('intrnal'))).stderr, /Warning: .*no such annotation/);
    } finally {
      await kubectl.run(['delete', '-f', '-', '--wait=false'], stdout);
    }
  });

  it('makes manifests that a real API server takes, with no field that it does not know', async () => {
    for (const distribution of await distributions()) {
      const file = join(manifestFolder(provider), `${distribution}.yaml`);
      await kubectl.run(['apply', '--server-side', '--validate=strict', '-f', file]);
      await kubectl.run(['delete', '-f', file, '--wait=false']);
    }
  });
});

function podOf(workload: Rendered | undefined): Pod {
  assert.ok(workload?.spec?.template, 'the workload is rendered');
  return workload.spec.template.spec;
}

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
