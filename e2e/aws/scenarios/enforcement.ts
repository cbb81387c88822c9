import { iamPolicy } from '@ccm-ts/cloud-provider-aws';
import { region } from '../account.ts';
import type { Credentials } from '../executable.ts';

/** Who has rights in the account. */
export interface Enforcement {
  /** May do everything: users and tests. */
  readonly owner: Credentials;
  /** The managers of clusters by their IDs. Each may do what the published policy says for its cluster, and nothing else. */
  readonly managers: ReadonlyMap<string, Credentials>;
  /** Forbids the manager of the first cluster an action, with a condition; the returned function allows it again. */
  forbid(action: string, condition: Readonly<Record<string, string>>): Promise<() => Promise<void>>;
}

/** From here on the emulator checks signatures and rights. */
export async function enforcePolicies(endpoint: string, clusterIDs: readonly string[]): Promise<Enforcement> {
  let signedAs = 'nobody';
  /** Over the wire: no client for users is worth a dependency. */
  const send = async (action: string, input: Readonly<Record<string, string>>): Promise<string> => {
    const scope = `${signedAs}/20260101/${region}/iam/aws4_request`;
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
      body: new URLSearchParams({ Action: action, Version: '2010-05-08', ...input }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${action}: ${text}`);
    return text;
  };
  const createUser = async (name: string, policy: object): Promise<Credentials> => {
    await send('CreateUser', { UserName: name });
    await putPolicy(name, 'rights', policy);
    const answer = await send('CreateAccessKey', { UserName: name });
    const [, accessKeyId = ''] = /<AccessKeyId>([^<]+)</.exec(answer) ?? [];
    const [, secretAccessKey = ''] = /<SecretAccessKey>([^<]+)</.exec(answer) ?? [];
    return { accessKeyId, secretAccessKey };
  };
  const putPolicy = (user: string, name: string, policy: object): Promise<string> =>
    send('PutUserPolicy', { UserName: user, PolicyName: name, PolicyDocument: JSON.stringify(policy) });

  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const owner = await createUser('owner', everything);
  const managers = new Map<string, Credentials>();
  for (const clusterID of clusterIDs) managers.set(clusterID, await createUser(clusterID, iamPolicy({ clusterID })));
  const [first = ''] = clusterIDs;
  signedAs = owner.accessKeyId;
  await fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: '0' });
  return {
    owner,
    managers,
    forbid: async (action, condition) => {
      const name = `forbid-${crypto.randomUUID()}`;
      const Statement = [{ Effect: 'Deny', Action: action, Resource: '*', Condition: { StringEquals: condition } }];
      await putPolicy(first, name, { Version: '2012-10-17', Statement });
      return async () => void (await send('DeleteUserPolicy', { UserName: first, PolicyName: name }));
    },
  };
}
