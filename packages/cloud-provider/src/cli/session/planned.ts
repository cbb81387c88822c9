import type { Node } from '../../api/node.ts';
import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import { isControllerEnabled } from '../../config/controller-names.ts';
import { controllerSettings } from '../../manager/controller-settings.ts';
import { bar } from '../output/progress.ts';
import { RecordedAnswers } from '../planning/cloud-answers.ts';
import type { ClusterPlan } from '../planning/cluster-plan.ts';
import { planAhead } from '../planning/plan-ahead.ts';
import type { Planning } from '../planning/plan-cluster.ts';
import { type Snapshot, readSnapshot } from '../planning/snapshot.ts';
import type { RawRequest, RawResponse } from '../../kube/client/kube-client.ts';
import type { Session } from './session.ts';

/** A plan with everything that it was made from. */
export interface Planned {
  readonly plan: ClusterPlan;
  readonly planning: Planning;
  /** From the Nodes as they will be; the same where none is to be changed. */
  readonly then: Planning;
  readonly answers: RecordedAnswers;
  readonly provider: CloudProvider;
  /** What of the cluster was read beside its lists. */
  readonly reads: readonly { readonly path: string; readonly status: number; readonly text: string }[];
}

export interface PlannedOptions {
  /** Changes the snapshot before it is planned from: leaves out what is not asked for, adds what is not there yet. */
  readonly select?: (snapshot: Snapshot) => Snapshot;
  /** Of the framework's controllers, those that are to plan. @default those that the flags switch on */
  readonly controllers?: (name: string) => boolean;
  /** @default made anew */
  readonly provider?: CloudProvider;
  /** The Nodes to plan with; no cluster is asked for anything then. @default those of the cluster, with its Services */
  readonly nodes?: readonly Node[];
}

/** Reads cluster and cloud once and plans. @throws ConfigError, ApiError, CloudError */
export async function planNow(session: Session, options: PlannedOptions = {}): Promise<Planned> {
  const { clock, invocation, progress, signal } = session;
  const { flags, given, program } = invocation;
  const isOffline = options.nodes !== undefined;
  const cluster = isOffline ? { uid: '', name: flags['cluster-name'] } : await session.cluster();
  const provider = options.provider ?? (await session.provider(cluster));
  const whole: Snapshot = isOffline
    ? { cluster, nodes: options.nodes, services: [], endpointSlices: [] }
    : await readSnapshot(session, provider);
  const answers = new RecordedAnswers();
  const client = isOffline ? undefined : await session.client();
  const declared = program.factory.controllers ?? [];
  progress.step('Planning');
  const reads: Planned['reads'][number][] = [];
  let most = 0;
  const { plan, planning, then } = await planAhead(
    {
      snapshot: options.select?.(whole) ?? whole,
      provider,
      answers,
      settings: controllerSettings(flags, given),
      controllers: (name) =>
        isControllerEnabled(name, flags.controllers, declared) && (options.controllers?.(name) ?? true),
      read: async (request) => {
        if (!client) return nothingThere;
        const reply = await client.raw({ ...request, signal });
        reads.push({ path: readPath(request), status: reply.status, text: reply.text() });
        return reply;
      },
      clock,
      signal,
      logger: session.logger,
      onProgress: (waiting) => {
        most = Math.max(most, waiting);
        progress.step(`Planning ${bar(most - waiting, most)}`);
      },
    },
    () => new Map(answers.answers),
  );
  return { plan, planning, then, answers, provider, reads };
}

/** What an API server says of what it does not have. */
const nothingThere: RawResponse = { status: 404, header: () => '', text: () => '{}', json: () => ({}) };

/** The question of a read, without what differs between two that mean the same. */
export function readPath({ path, query = {} }: RawRequest): string {
  const { continue: page = '' } = query;
  return `/${path.join('/')}${page === '' ? '' : `?continue=${page}`}`;
}
