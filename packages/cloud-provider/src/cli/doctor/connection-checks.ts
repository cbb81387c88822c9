import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { Impersonation } from '../../kube/client/requester.ts';
import { builtInControllers } from '../../manager/controller-registry.ts';
import { isControllerEnabled } from '../../config/controller-names.ts';
import { rarelyUsed, rbacObjects, type RbacOptions } from '../../manager/rbac.ts';
import { checkVersionSkew } from '../../manager/version-check.ts';
import { type LogFields, silentLogger } from '../../telemetry/logger.ts';
import type { Session } from '../session/session.ts';
import { type CheckResult, failedCheck, good } from './check-result.ts';

export async function checkConnection(session: Session): Promise<readonly CheckResult[]> {
  try {
    const { uid } = await session.cluster();
    return [good('cluster', `reached, and it is the cluster ${uid}`)];
  } catch (error) {
    return [failedCheck('cluster', error)];
  }
}

export async function checkVersion(session: Session): Promise<readonly CheckResult[]> {
  const reasons: string[] = [];
  const warn = (message: string, fields: LogFields = {}): void => {
    const { error, reason } = fields;
    const otherwise = error instanceof Error ? `${message}: ${error.message}` : message;
    reasons.push(typeof reason === 'string' ? reason : otherwise);
  };
  try {
    const client = await session.client();
    await checkVersionSkew({ client, signal: session.signal, logger: { ...silentLogger, warn } });
  } catch (error) {
    return [failedCheck('version', error)];
  }
  const [reason] = reasons;
  if (reason === undefined) return [good('version', 'the API server is one that this release works with')];
  const fix = 'take the release of this program that belongs to the minor of the cluster';
  return [{ check: 'version', state: 'warn', text: reason, fix }];
}

interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly namespace: string;
  readonly name: string;
}

/** Asks the API server about each right of the manager's roles, for whoever runs this or somebody else. */
export async function checkRights(
  session: Session,
  somebody: Impersonation | undefined,
): Promise<readonly CheckResult[]> {
  const { flags, program } = session.invocation;
  const declared = program.factory.controllers ?? [];
  const options: RbacOptions = {
    name: program.name,
    subject: { kind: 'User', name: 'me' },
    controllers: builtInControllers.filter(({ name }) => isControllerEnabled(name, flags.controllers, declared)),
    lease: flags['leader-elect']
      ? { namespace: flags['leader-elect-resource-namespace'], name: flags['leader-elect-resource-name'] }
      : undefined,
  };
  const rare = rarelyUsed(options);
  const rights = rightsOf(options);
  session.progress.step(`Checking ${rights.length} rights`);
  const who = somebody ? `${somebody.user} may` : 'may';
  const results: CheckResult[] = [];
  try {
    const client = await (somebody ? session.clientAs(somebody) : session.client());
    const answers = await Promise.all(rights.map((right) => isAllowed(client, right, session.signal)));
    const unanswered = answers.find((answer) => typeof answer === 'object');
    if (unanswered) return [notReviewed(unanswered.message, somebody)];
    const missing = rights.filter((_right, index) => answers[index] === 'denied');
    for (const right of missing) {
      const { group, namespace, resource, verb } = right;
      const when = rare.get(`${group}/${resource} ${verb}`);
      const place = namespace === '' ? '' : ` in ${namespace}`;
      results.push({
        check: 'rights',
        state: when === undefined ? 'bad' : 'warn',
        text: `${who} not ${verb} ${resource}${group === '' ? '' : `.${group}`}${place}${when === undefined ? '' : `, needed ${when}`}`,
        fix: 'apply the roles of the chart, or add it to the ClusterRole of the manager',
      });
    }
  } catch (error) {
    return [failedCheck('rights', error, 'unknown')];
  }
  const whom = somebody ? ` to ${somebody.user}` : '';
  return results.length > 0
    ? results
    : [good('rights', `all ${rights.length} that the manager uses are granted${whom}`)];
}

/** The API server did not say. */
function notReviewed(message: string, somebody: Impersonation | undefined): CheckResult {
  const told = message === '' ? '' : `: ${message}`;
  const [text, fix] = somebody
    ? [
        `nobody says what ${somebody.user} may do${told}`,
        `run it as somebody who may impersonate ${somebody.user}, or with its own kubeconfig instead of --as`,
      ]
    : [`the API server reviews no access${told}`, 'compare the roles of the manager with docs/rbac.json'];
  return { check: 'rights', state: 'unknown', text, fix };
}

function rightsOf(options: RbacOptions): readonly Right[] {
  const rights: Right[] = [];
  for (const { kind, metadata, rules } of rbacObjects(options)) {
    if ((kind !== 'ClusterRole' && kind !== 'Role') || !Array.isArray(rules)) continue;
    // They are made by rbacObjects, one line above.
    for (const rule of rules as WireRule[]) {
      for (const group of rule.apiGroups) {
        for (const resource of rule.resources) {
          for (const verb of rule.verbs) {
            const [name = ''] = rule.resourceNames ?? [];
            rights.push({ group, resource, verb, namespace: metadata.namespace ?? '', name });
          }
        }
      }
    }
  }
  return rights;
}

interface WireRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

async function isAllowed(
  client: KubeClient,
  right: Right,
  signal: AbortSignal,
): Promise<'allowed' | 'denied' | { readonly message: string }> {
  const { group, name, namespace, verb } = right;
  const [resource = '', subresource = ''] = right.resource.split('/');
  const reply = await client.raw({
    method: 'POST',
    path: ['apis', 'authorization.k8s.io', 'v1', 'selfsubjectaccessreviews'],
    signal,
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { group, resource, subresource, verb, namespace, name } },
    },
  });
  if (reply.status === 404) return { message: '' };
  const { message = '', status } = reply.json() as {
    readonly message?: string;
    readonly status?: { readonly allowed?: boolean };
  };
  if (reply.status >= 300) return { message };
  return status?.allowed === true ? 'allowed' : 'denied';
}
