import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudProviderFactory, CloudError, runProgram } from '@ccm-ts/cloud-provider';
import { type ApiServer, kubeletNode, startApiServer } from '@ccm-ts/cloud-provider/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { annotationPrefix, typeAnnotation } from './annotations.ts';
import { awsCloudProvider, AwsCloudProvider } from './aws-cloud-provider.ts';
import { awsCapabilities } from './capabilities.ts';
import { GatedAccount } from './conformance/test-gated-account.ts';
import type { AwsOperation } from './permissions.ts';
import { formatProviderID } from './provider-id.ts';
import { type AwsAccount, testConfig } from './testing/aws-account.ts';

const nlb = { [typeAnnotation]: 'nlb' };

interface Bench {
  readonly account: AwsAccount;
  readonly api: ApiServer;
}

interface Incident {
  readonly title: string;
  /** What the plan must say, or the outcome of a call. */
  readonly seen: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly config?: readonly string[];
  readonly cause?: (bench: Bench) => void;
}

function failing(operation: AwsOperation, code: CloudError['code']): (bench: Bench) => void {
  return ({ account }) => {
    const error = new CloudError(code, `${operation}: ${code} (request 1)`, { operation });
    for (let time = 0; time < 50; time++) account.recorder.failNext(operation, { kind: 'error', error });
  };
}

const ports = (...protocols: readonly string[]): object[] =>
  protocols.map((protocol, index) => ({ name: `p${index}`, port: 80, protocol }));

/** Without what an API server of one address family refuses itself. */
const refusals: readonly Incident[] = [
  { title: 'no node ports', seen: 'NoNodePorts', spec: { allocateLoadBalancerNodePorts: false } },
  {
    title: 'no node ports, classic',
    seen: 'NoNodePorts',
    annotations: {},
    spec: { allocateLoadBalancerNodePorts: false },
  },
  { title: 'SCTP', seen: 'UnsupportedProtocol', spec: { ports: ports('SCTP') } },
  { title: 'UDP, classic', seen: 'UnsupportedProtocol', annotations: {}, spec: { ports: ports('UDP') } },
  { title: 'affinity', seen: 'UnsupportedAffinity', annotations: {}, spec: { sessionAffinity: 'ClientIP' } },
  { title: 'an address', seen: 'UnsupportedAddress', spec: { loadBalancerIP: '192.0.2.1' } },
  { title: 'a mode that there is not', seen: 'InvalidConfiguration', config: ['NLBSecurityGroupMode = Wrong'] },
  {
    title: 'source ranges that are lost',
    seen: 'UnsupportedSourceRanges',
    annotations: { [`${annotationPrefix}security-groups`]: 'sg-nodes' },
    spec: { loadBalancerSourceRanges: ['10.0.0.0/8'] },
  },
  {
    title: 'one port with two node ports',
    seen: 'DifferentNodePorts',
    spec: {
      ports: [
        { name: 'tcp', port: 80, protocol: 'TCP', nodePort: 30001 },
        { name: 'udp', port: 80, protocol: 'UDP', nodePort: 30002 },
      ],
    },
  },
  {
    title: 'no subnets',
    seen: 'NoSubnets',
    cause: ({ account }) => void account.ec2.subnets.splice(0),
  },
  {
    title: 'two tagged security groups',
    seen: 'AmbiguousSecurityGroup',
    cause({ account: { ec2 } }) {
      const group = ec2.securityGroups.get('sg-nodes');
      if (!group) throw new Error('there is no group of the nodes');
      ec2.securityGroups.set('sg-more', { ...group, id: 'sg-more', name: 'more' });
      for (const [id, instance] of ec2.instances) {
        ec2.instances.set(id, { ...instance, securityGroupIDs: [...instance.securityGroupIDs, 'sg-more'] });
      }
    },
  },
  {
    title: 'an annotation that is garbage',
    seen: 'InvalidAnnotation',
    annotations: { ...nlb, [`${annotationPrefix}healthcheck-interval`]: 'soon' },
  },
];

const failures: readonly Incident[] = (
  ['Throttled', 'Denied', 'Quota', 'Unavailable', 'Conflict', 'NotFound', 'Invalid', 'Unknown'] as const
).map((code) => ({ title: `${code} of a list`, seen: code, cause: failing('DescribeLoadBalancers', code) }));

describe('captures on AWS', () => {
  let folder: string;
  let api: ApiServer;
  let kubeconfig: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ccm-aws-captures-'));
    api = await startApiServer({});
    kubeconfig = join(folder, 'kubeconfig');
    await api.writeKubeconfig(kubeconfig);
  }, 60_000);

  afterEach(async () => {
    await api[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function run(
    factory: CloudProviderFactory,
    ...argv: readonly string[]
  ): Promise<{ code: number; text: string }> {
    let text = '';
    const output = { write: (part: string) => (text += part) };
    const host = { env: { HOME: folder }, stdout: output, stderr: output, on: () => undefined, off: () => undefined };
    const code = await runProgram(
      { name: 'ccm', version: '1.36.0', factory },
      { ...host, argv: ['node', 'ccm', ...argv] },
    );
    return { code, text };
  }

  it.each([...refusals, ...failures])(
    'of $title are replayed to the same plan',
    async ({ seen, annotations = nlb, spec = {}, config: lines = [], cause }) => {
      const config = testConfig(...lines);
      const gated = new GatedAccount(config.scope);
      const { account } = gated;
      const factory: CloudProviderFactory = {
        ...awsCloudProvider,
        configure: () => ({
          capabilities: awsCapabilities,
          found: {},
          connect: (context) => new AwsCloudProvider(config, gated.clients(context.gate), context),
        }),
      };
      const instance = account.ec2.instances.get(account.launch(1));
      if (!instance) throw new Error('nothing was launched');
      const node = kubeletNode('n1', new Date());
      const providerID = formatProviderID(instance.zone, instance.id);
      api.store.create('nodes', { ...node, spec: { providerID } });
      api.store.create('services', {
        metadata: { name: 'web', namespace: 'default', annotations },
        spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: ports('TCP'), ...spec },
      });
      cause?.({ account, api });

      const file = join(folder, 'capture.json');
      const taken = await run(factory, 'capture', '--file', file, '--kubeconfig', kubeconfig);
      expect(taken).toEqual({ code: 0, text: expect.any(String) });
      const capture = JSON.parse(await readFile(file, 'utf8')) as {
        readonly calls: readonly { readonly outcome: string }[];
        readonly plan: { readonly objects: readonly { readonly reason: string }[] };
      };
      const said = [
        ...capture.calls.map(({ outcome }) => outcome),
        ...capture.plan.objects.map(({ reason }) => reason),
      ];
      expect(said).toContain(seen);

      account.recorder.run = () => Promise.reject(new Error('a replay asks nobody'));
      const replayed = await run(factory, 'replay', file, '--kubeconfig', '/nowhere');
      expect(replayed).toEqual({ code: 0, text: expect.stringContaining('the same plan') });
    },
    60_000,
  );
});
