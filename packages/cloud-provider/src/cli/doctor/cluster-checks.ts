import { uninitializedTaint } from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';
import { isNotFound } from '../../kube/client/api-error.ts';
import { leases, nodes } from '../../kube/resources.ts';
import type { Session } from '../session/session.ts';
import { type CheckResult, failedCheck, good } from './check-result.ts';

/** Whether somebody leads. */
export async function checkLease(session: Session): Promise<readonly CheckResult[]> {
  const { flags } = session.invocation;
  if (!flags['leader-elect']) return [];
  const name = { namespace: flags['leader-elect-resource-namespace'], name: flags['leader-elect-resource-name'] };
  const title = `${name.namespace}/${name.name}`;
  try {
    const client = await session.client();
    const { spec } = await client.get(leases, name, { signal: session.signal });
    const age = session.clock.now().getTime() - Date.parse(spec.renewTime);
    if (spec.holderIdentity !== '' && age < spec.leaseDurationSeconds * 2000) {
      return [good('lease', `${title} is held by ${spec.holderIdentity}`)];
    }
    const since = spec.renewTime === '' ? 'given back' : `not renewed since ${spec.renewTime}`;
    const fix = 'no manager is at work: look at its pods and their logs';
    return [{ check: 'lease', state: 'warn', text: `${title} is ${since}`, fix }];
  } catch (error) {
    if (!isNotFound(error)) return [failedCheck('lease', error, 'unknown')];
    const fix =
      'this is as it should be before the first start; otherwise compare --leader-elect-resource-name with the manager';
    return [{ check: 'lease', state: 'warn', text: `${title} is not there, so no manager has ever led`, fix }];
  }
}

const usualWait = Duration.minutes(5);

/** Nodes that wait for a manager, or that no manager will ever look at. */
export async function checkNodes(session: Session): Promise<readonly CheckResult[]> {
  try {
    const client = await session.client();
    const { items } = await client.list(nodes, { signal: session.signal });
    const now = session.clock.now().getTime();
    const isTainted = ({ spec }: (typeof items)[number]): boolean =>
      spec.taints.some(({ key }) => key === uninitializedTaint);
    const waiting = items.filter(
      (node) => isTainted(node) && now - Date.parse(node.metadata.creationTimestamp) > usualWait.milliseconds,
    );
    const unasked = items.filter((node) => !isTainted(node) && node.spec.providerID === '');
    const results: CheckResult[] = [];
    const list = (some: typeof items): string =>
      some
        .slice(0, 3)
        .map(({ metadata }) => metadata.name)
        .join(', ') + (some.length > 3 ? `, … (${some.length})` : '');
    if (waiting.length > 0) {
      const text = `waiting for more than ${usualWait.toString()} to be initialised: ${list(waiting)}`;
      results.push({
        check: 'nodes',
        state: 'bad',
        text,
        fix: `explain node/${waiting[0]?.metadata.name ?? ''} says why`,
      });
    }
    if (unasked.length > 0) {
      const text = `neither initialised nor waiting for it: ${list(unasked)}`;
      const fix =
        'start their kubelets with --cloud-provider=external, or leave them out with --manage-nodes if they are of no cloud';
      results.push({ check: 'nodes', state: 'warn', text, fix });
    }
    return results.length > 0 ? results : [good('nodes', `${items.length} are there, none waits`)];
  } catch (error) {
    return [failedCheck('nodes', error)];
  }
}

/** The parts of a pod that decide whether it starts in a cluster that has no network yet. */
interface BootPod {
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly hostNetwork?: boolean;
    readonly dnsPolicy?: string;
    readonly tolerations?: readonly { readonly key?: string; readonly operator?: string }[];
  };
}

/** Whether the manager's pods could start on a node that still waits for the manager. */
export async function checkBootstrap(session: Session): Promise<readonly CheckResult[]> {
  const check = 'bootstrap';
  let pods: readonly BootPod[];
  try {
    const client = await session.client();
    const reply = await client.raw({
      method: 'GET',
      path: ['api', 'v1', 'namespaces', 'kube-system', 'pods'],
      signal: session.signal,
    });
    if (reply.status >= 300) {
      const text = `the pods of kube-system can't be read (${reply.status})`;
      return [{ check, state: 'unknown', text, fix: 'run it as somebody who may list pods there' }];
    }
    const list = reply.json() as { readonly items?: readonly BootPod[] };
    pods = (list.items ?? []).filter(({ metadata }) => metadata?.name?.includes('cloud-controller-manager'));
  } catch (error) {
    return [failedCheck(check, error, 'unknown')];
  }
  const [pod] = pods;
  if (!pod) return [good(check, 'no pod of a manager in kube-system; it runs elsewhere or is not installed')];
  const { dnsPolicy = '', hostNetwork = false, tolerations = [] } = pod.spec ?? {};
  const tolerates = (key: string): boolean =>
    tolerations.some((each) => each.key === key || (each.key === undefined && each.operator === 'Exists'));
  const name = pod.metadata?.name ?? '';
  const faults: CheckResult[] = [];
  const fault = (text: string, fix: string): void => {
    faults.push({ check, state: 'bad', text: `pod ${name} ${text}`, fix });
  };
  if (!hostNetwork) {
    fault('has no host network, so it waits for the network plugin, which may wait for it', 'set hostNetwork: true');
  }
  if (dnsPolicy !== 'Default') {
    fault(
      `has the DNS policy ${dnsPolicy}, so it needs the cluster's own DNS, which may wait for it`,
      'set dnsPolicy: Default',
    );
  }
  for (const key of [uninitializedTaint, 'node.kubernetes.io/not-ready']) {
    if (!tolerates(key)) fault(`does not tolerate ${key}, so it can't start on the first node`, `tolerate ${key}`);
  }
  return faults.length > 0 ? faults : [good(check, `pod ${name} can start on a node that still waits for it`)];
}
