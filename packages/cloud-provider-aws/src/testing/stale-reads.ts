import type { AwsAccount } from './aws-account.ts';

type Entries = readonly (readonly [unknown, unknown])[];

/** An account as it was at a moment. */
export type Past = readonly Entries[];

/** Everything of load balancers that is in the account. */
export function rememberPast(account: AwsAccount): Past {
  return storesOf(account).map((store) => [...store]);
}

/**
 * From now on reads are answered by a replica that has seen nothing since then, while writes are done.
 * @returns ends that
 */
export function readFromPast(account: AwsAccount, past: Past): () => void {
  const { recorder } = account;
  const run = recorder.run.bind(recorder);
  recorder.run = (operation, call, does) =>
    run(operation, call, operation.startsWith('Describe') ? () => inPast(account, past, does) : does);
  return () => {
    recorder.run = run;
  };
}

function inPast<Result>(account: AwsAccount, past: Past, does: () => Result): Result {
  const present = rememberPast(account);
  fill(account, past);
  try {
    return does();
  } finally {
    fill(account, present);
  }
}

function fill(account: AwsAccount, contents: Past): void {
  for (const [index, store] of storesOf(account).entries()) {
    store.clear();
    for (const [key, value] of contents[index] ?? []) store.set(key, value);
  }
}

function storesOf({ ec2, elb, elbv2 }: AwsAccount): readonly Map<unknown, unknown>[] {
  const { attributes, listeners, loadBalancers, tags, targetGroups } = elbv2;
  const stores: readonly object[] = [
    attributes,
    listeners,
    loadBalancers,
    tags,
    targetGroups,
    elb.loadBalancers,
    ec2.securityGroups,
  ];
  return stores.filter((store): store is Map<unknown, unknown> => store instanceof Map);
}
