import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallContext, CloudError } from '@ccm-ts/cloud-provider';
import type { AwsOperation } from '../../permissions.ts';
import type { ApiGroup, CallSender } from '../call-sender.ts';

/** The largest page that load balancing gives. */
export const pageSize = 400;

interface Request<Output> {
  readonly operation: AwsOperation;
  readonly apiGroup: ApiGroup;
  readonly call: CallContext;
  readonly send: (options: { readonly abortSignal: AbortSignal }) => Promise<Output>;
}

/** The SDK's client, and the way that all of its requests take. */
export class Elbv2Connection {
  readonly client: ElasticLoadBalancingV2Client;
  readonly #sender: CallSender;

  constructor(client: ElasticLoadBalancingV2Client, sender: CallSender) {
    this.client = client;
    this.#sender = sender;
  }

  run<Output>(request: Request<Output>): Promise<Output> {
    return this.#sender.run({
      operation: request.operation,
      apiGroup: request.apiGroup,
      context: request.call,
      send: (abortSignal) => request.send({ abortSignal }),
    });
  }
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

/** The items of all pages. */
export async function followMarkers<Item>(
  read: (marker: { readonly Marker?: string }) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let marker: { readonly Marker?: string } | undefined = {};
  while (marker !== undefined) {
    const page: Page<Item> = await read(marker);
    items.push(...page.items);
    marker = page.next === undefined || page.next === '' ? undefined : { Marker: page.next };
  }
  return items;
}

/** What was created. @throws CloudError `Unknown` when the answer does not hold it */
export function firstOf<Item>(items: readonly Item[] | undefined, operation: AwsOperation): Item {
  const [item] = items ?? [];
  if (item === undefined) {
    throw new CloudError('Unknown', `${operation}: the answer does not hold what was created`, { operation });
  }
  return item;
}

/** Undefined for what AWS does not know. */
export async function orUndefined<Answer>(request: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof CloudError && error.code === 'NotFound') return undefined;
    throw error;
  }
}
