import { parseObjectKey } from '../../api/object-meta.ts';
import { adoptAnnotation } from '../../api/well-known.ts';
import { describeOperation } from '../../cloud/operation.ts';
import { adoptedIDs } from '../../cloud/service-directives.ts';
import type { FlagSet, FlagTable } from '../../config/flags/flag.ts';
import { OrphanRemover } from '../../controllers/orphan/orphan-remover.ts';
import { services } from '../../kube/resources.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import type { Command, CommandInput } from '../command.ts';
import { CommandFailure, describeCloudError, nextForCloud } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { readSnapshot } from '../planning/snapshot.ts';
import type { Report } from '../report.ts';
import { type Leftovers, findLeftovers } from './find-leftovers.ts';

const actions = ['list', 'adopt', 'delete'] as const;

const flags = {
  yes: { kind: 'bool', default: false, group: 'Generic', help: 'Do it. Without it, only what would be done is shown.' },
  service: {
    kind: 'string',
    default: '',
    group: 'Generic',
    help: 'For adopt: NAMESPACE/NAME of the Service that is to own the object.',
  },
} as const satisfies FlagTable;

/** `orphans`: what lost its owner. */
export const orphansCommand: Command = {
  name: 'orphans',
  usage: 'list | adopt ID --service NAMESPACE/NAME [--yes] | delete KIND/ID [--yes]',
  description:
    'Lists what was made for this cluster and belongs to nothing in it any more. `delete` removes one object, once it was ' +
    'seen again and is proven to be of this cluster; `adopt` gives one to a Service by annotation. Both only say what they ' +
    'would do until --yes is given.',
  examples: [
    'orphans list',
    'orphans delete LoadBalancer/lb-0a1b --yes',
    'orphans adopt lb-0a1b --service default/web',
  ],
  flags,
  words: [actions],
  wordCount: { least: 0, most: 2 },
  async run(input) {
    const [action = 'list', id = ''] = input.words;
    switch (action) {
      case 'list':
        return list(input);
      case 'delete':
        return remove(input, id);
      case 'adopt':
        return adopt(input, id);
      default:
        throw new CommandFailure(`${JSON.stringify(action)} is no action`, `write ${actions.join(', ')}`, {
          exit: exitCodes.usage,
        });
    }
  },
};

async function list({ session }: CommandInput): Promise<Report> {
  const cluster = await session.cluster();
  const provider = await session.provider(cluster);
  const leftovers = await findLeftovers(session, provider, () => readSnapshot(session, provider));
  const { found, items, unlisted } = leftovers;
  const [silent] = unlisted;
  const count = `${found.length} of ${items.length} objects in the cloud lost their owner`;
  return {
    exit: silent ? exitCodes.incomplete : found.length > 0 ? exitCodes.found : exitCodes.fine,
    summary: silent
      ? `Orphans: ${silent.kind}s are not known: ${describeCloudError(silent.error)} — ${nextForCloud(silent.error)}; of the others ${count}`
      : `Orphans: ${count}`,
    lines: (paint) =>
      found.map(({ leftover: { createdAt, id, kept, kind, madeFor, name } }) => {
        const since = createdAt === '' ? '' : `, made ${createdAt}`;
        const note = kept === '' ? '' : paint.warn(` (stays: ${kept})`);
        return `${paint.bold(`${kind}/${id}`)}${name === id ? '' : ` ${name}`}: for ${madeFor}${since}${note}`;
      }),
    data: {
      orphans: found.map(({ leftover }) => leftover),
      listed: items.length,
      unlisted: unlisted.map(({ error, kind }) => ({ kind, code: error.code, message: error.message })),
    },
  };
}

async function remove({ flags: given, session }: CommandInput, id: string): Promise<Report> {
  if (id === '') {
    throw new CommandFailure(
      'it is not said what is to be deleted',
      'write delete KIND/ID as `orphans list` shows it',
      {
        exit: exitCodes.usage,
      },
    );
  }
  const isMeant = given['yes'] === true;
  const cluster = await session.cluster();
  const provider = await session.provider(cluster, isMeant ? 'allowed' : 'withheld');
  const { found } = await findLeftovers(session, provider, () => readSnapshot(session, provider));
  const target = one({ found }, id);
  const { item, kind, leftover } = target;
  if (leftover.kept !== '') {
    throw new CommandFailure(
      `${id} is not deleted: ${leftover.kept}`,
      'delete it in the cloud yourself if you are sure',
    );
  }
  const call = session.call();
  const known = await kind.observe(item, call);
  if (!isMeant) {
    const steps = kind.plan(known).operations.map(describeOperation);
    return {
      exit: exitCodes.found,
      summary: `Would delete ${id}, made for ${leftover.madeFor}: ${steps.join(', ') || 'nothing is left of it'}; add --yes to do it`,
      lines: () => [],
      data: { orphan: leftover, steps },
    };
  }
  const remover = new OrphanRemover({
    policy: { mode: 'run', isProtected: () => false },
    operations: new OperationLog(session.clock),
    metrics: session.metrics,
  });
  const suspect = { kind: kind.name, item };
  const { outcome, plan } = await remover.remove(suspect, { kind, known }, call);
  switch (outcome.kind) {
    case 'converged':
    case 'settling':
      return {
        exit: exitCodes.fine,
        summary: `${outcome.kind === 'converged' ? 'Deleted' : 'The cloud is deleting'} ${id}: ${plan.join(', ')}`,
        lines: () => [],
        data: { orphan: leftover, steps: plan, outcome: outcome.kind },
      };
    case 'blocked':
      throw new CommandFailure(`${id} can't be deleted: ${outcome.by}: ${outcome.reason}`, 'remove what it is used by');
    case 'refused': {
      const [first] = outcome.refused;
      throw new CommandFailure(`${id} is not deleted: ${first?.refusal.message ?? ''}`, 'it is not proven to be yours');
    }
    case 'failed':
      throw outcome.error;
  }
}

function one({ found }: Pick<Leftovers, 'found'>, id: string): Leftovers['found'][number] {
  const fitting = found.filter(({ leftover }) => id === `${leftover.kind}/${leftover.id}` || id === leftover.id);
  const [only, ...more] = fitting;
  if (only && more.length === 0) return only;
  if (only) throw new CommandFailure(`several orphans are called ${id}`, 'write KIND/ID as `orphans list` does');
  throw new CommandFailure(
    `there is no orphan ${JSON.stringify(id)}`,
    '`orphans list` shows them; what has an owner is never deleted',
  );
}

async function adopt({ flags: given, session }: CommandInput, id: string): Promise<Report> {
  const { service: key } = given as unknown as FlagSet<typeof flags>;
  if (id === '' || key === '') {
    throw new CommandFailure(
      'it is not said what is to be adopted, and by whom',
      'write adopt ID --service NAMESPACE/NAME',
      {
        exit: exitCodes.usage,
      },
    );
  }
  const name = parseObjectKey(key.includes('/') ? key : `default/${key}`);
  const client = await session.client();
  const found = await client.get(services, name, { signal: session.signal });
  const ids = [...new Set([...adoptedIDs(found), id])].join(',');
  const data = { service: key, annotation: adoptAnnotation, value: ids };
  if (given['yes'] !== true) {
    const summary = `Would write the annotation ${adoptAnnotation}: ${ids} on Service ${key}; add --yes to do it`;
    return { exit: exitCodes.found, summary, lines: () => [], data };
  }
  const body = { metadata: { uid: found.metadata.uid, annotations: { [adoptAnnotation]: ids } } };
  await client.patch(services, name, { type: 'merge', body }, { signal: session.signal });
  const summary = `Service ${key} adopts ${id}: the manager takes it over with its next look`;
  return { exit: exitCodes.fine, summary, lines: () => [], data };
}
