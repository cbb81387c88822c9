import { type CloudError, toCloudError } from '../../cloud/cloud-error.ts';
import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import type { BackendNode } from '../../cloud/load-balancer-kind.ts';
import { nodeRef } from '../../controllers/node-reference.ts';
import { nodes } from '../../kube/resources.ts';
import { describeCloudError, nextForCloud } from '../command-failure.ts';
import { planNow } from '../session/planned.ts';
import type { Session } from '../session/session.ts';
import { type CheckResult, failedCheck, good } from './check-result.ts';

/** Configuration, credentials, and every kind of question that the manager asks. */
export async function checkCloud(session: Session, cluster: 'known' | 'unknown'): Promise<readonly CheckResult[]> {
  let provider: CloudProvider;
  try {
    const identity = cluster === 'known' ? await session.cluster() : { uid: '', name: '' };
    provider = await session.provider(identity);
  } catch (error) {
    return [failedCheck('cloud', error)];
  }
  const results: CheckResult[] = [good('cloud', `${provider.name} answers with these credentials`)];
  results.push(...(await checkQuestions(session, provider, cluster)));
  if (cluster === 'known') {
    results.push(...(await checkLayout(session, provider)), ...(await checkPlan(session, provider)));
  }
  return results;
}

async function checkQuestions(
  session: Session,
  provider: CloudProvider,
  cluster: 'known' | 'unknown',
): Promise<readonly CheckResult[]> {
  const { instances, inventory = [], routes } = provider;
  const questions: [string, () => Promise<unknown>][] = inventory.map((kind) => [
    `listing ${kind.name}s`,
    () => kind.list(session.call()),
  ]);
  if (routes) questions.push(['finding the route tables', () => routes.facts(session.call())]);
  if (instances && cluster === 'known') questions.push(['describing machines', () => describeOne(session, provider)]);
  const refused: { readonly question: string; readonly error: CloudError }[] = [];
  for (const [question, ask] of questions) {
    session.progress.step(`Checking ${question}`);
    try {
      await ask();
    } catch (error) {
      session.signal.throwIfAborted();
      refused.push({ question, error: toCloudError(error) });
    }
  }
  if (refused.length === 0) return [good('permissions', `the cloud allows all ${questions.length} kinds of questions`)];
  return refused.map(({ error, question }) => ({
    check: 'permissions',
    state: error.code === 'Denied' ? 'bad' : 'unknown',
    text: `${question}: ${describeCloudError(error)}`,
    fix: nextForCloud(error),
  }));
}

async function describeOne(session: Session, { instances }: CloudProvider): Promise<void> {
  const client = await session.client();
  const { items } = await client.list(nodes, { signal: session.signal });
  const [node] = items;
  if (!node || !instances) return;
  const view = (await instances.describe([nodeRef(node)], 'metadata', session.call())).get(node.metadata.name);
  if (view?.kind === 'unknown') throw view.reason;
}

/** What the cloud's owner has to prepare: tags, subnets and the like. */
async function checkLayout(session: Session, provider: CloudProvider): Promise<readonly CheckResult[]> {
  if (!provider.examine) return [];
  session.progress.step('Checking tags');
  try {
    const client = await session.client();
    const { items } = await client.list(nodes, { signal: session.signal });
    const backends = items
      .map(({ metadata: { labels, name }, spec, status }): BackendNode => {
        return { name, labels, providerID: spec.providerID, addresses: status.addresses };
      })
      .filter(({ providerID }) => providerID !== '');
    return await provider.examine(backends, session.call());
  } catch (error) {
    session.signal.throwIfAborted();
    return [failedCheck('tags', error, 'unknown')];
  }
}

/** What a plan meets, and whatever else only shows when something is wanted. */
async function checkPlan(session: Session, provider: CloudProvider): Promise<readonly CheckResult[]> {
  try {
    const { plan } = await planNow(session, { provider });
    const troubled = plan.objects.filter(({ state }) => ['blocked', 'refused', 'unknown'].includes(state));
    if (troubled.length === 0) return [good('objects', `${plan.objects.length} Services and Nodes, none in trouble`)];
    return troubled.slice(0, 5).map(({ key, kind, message, reason, state }) => ({
      check: 'objects',
      state: state === 'unknown' ? 'unknown' : 'bad',
      text: `${kind} ${key} is ${state === 'unknown' ? 'not known' : state}: ${reason}: ${message}`,
      fix: kind === 'Routes' ? 'plan routes says more' : `explain ${kind.toLowerCase()}/${key} says more`,
    }));
  } catch (error) {
    return [failedCheck('objects', error, 'unknown')];
  }
}
