import { assumeRolePolicy, type IamPolicy, iamPolicy, policyParts, registryPolicy } from './iam-policy.ts';

/** A file of the documentation. */
export interface PolicyFile {
  readonly name: string;
  readonly text: string;
}

/** Writes JSON as the repository has it. */
type JsonText = (value: object) => string;

const header = '<!-- Made by tools/generate/generate.ts from the declarations in the source. Do not edit. -->';
const clusterID = 'CLUSTER_ID';

/** Whom each part of the policy is for. */
const readers: Readonly<Record<(typeof policyParts)[number], string>> = {
  nodes: '`cloud-node-controller`, `cloud-node-lifecycle-controller`: always on',
  services: '`service-lb-controller`: load balancers, their security groups and rules, what was left behind of them',
  routes: '`node-route-controller`: `--configure-cloud-routes`',
  tagging: '`tagging-controller`: off unless asked for',
  volumes: 'the webhook that labels PersistentVolumes: off unless asked for',
};

/** The rights that the manager needs, whole and for each part of it, as files of the documentation. */
export function policyFiles(jsonText: JsonText): readonly PolicyFile[] {
  const whole = iamPolicy({ clusterID });
  return [
    { name: 'iam-policy.md', text: page(whole, jsonText) },
    { name: 'iam-policy.json', text: jsonText(whole) },
    ...policyParts.map((part) => ({
      name: `iam-policy-${part}.json`,
      text: jsonText(iamPolicy({ clusterID, parts: [part] })),
    })),
  ];
}

function page(whole: IamPolicy, jsonText: JsonText): string {
  const json = (policy: IamPolicy): readonly string[] => ['```json', jsonText(policy).trimEnd(), '```'];
  return [
    header,
    '',
    '# Rights in AWS',
    '',
    `[iam-policy.json](iam-policy.json) is the least that the manager needs with everything on. Write the cluster's ID for \`${clusterID}\`:`,
    '',
    '```sh',
    `sed "s/${clusterID}/$CLUSTER/" iam-policy.json > policy.json`,
    'aws iam create-policy --policy-name cloud-controller-manager --policy-document file://policy.json',
    '```',
    '',
    'A manager that runs some controllers alone takes the parts of these, each a policy of its own:',
    '',
    '| policy | for |',
    '|---|---|',
    ...policyParts.map((part) => `| [${part}](iam-policy-${part}.json) | ${readers[part]} |`),
    '',
    'Reads are not scoped, because AWS does not let them be. Whatever writes is bound to the tag',
    `\`kubernetes.io/cluster/${clusterID}\`: what the manager makes must get it with the value \`owned\`, what it changes or deletes must`,
    'have it so. Nodes, their security groups and route tables, which others make, must have it with any value: tag them `owned` or',
    '`shared` also where the manager would find them without, as with the only security group of a node, or `RouteTableID`. Listeners are',
    'bound to network load balancers alone, because older managers did not tag them. A cluster with the old tag `KubernetesCluster` alone',
    'and one without any ID need a policy without the conditions. A managed policy may have 6,144 characters: IDs of more than 80 need the parts.',
    '',
    '| statement | actions | of |',
    '|---|---|---|',
    ...whole.Statement.map(({ Action, Condition, Resource, Sid }) => {
      const condition = Condition === undefined ? '' : ` with ${conditionText(Condition)}`;
      return `| ${Sid} | ${Action.map((each) => `\`${each}\``).join(' ')} | ${Resource.map((each) => `\`${each}\``).join(' ')}${condition} |`;
    }),
    '',
    '`TagNewGroups`, `TagNewLoadBalancers`, `TagListeners`, `GroupsInNetwork` and `ServiceLinkedRole` are rights that AWS asks for beside the request itself.',
    'A manager with `RoleARN` has all these as that role, and as itself:',
    '',
    ...json(assumeRolePolicy('arn:aws:iam::123456789012:role/ROLE')),
    '',
    'Nodes whose kubelet pulls from ECR by [ecr-credential-provider](ecr-credential-provider.md), the last two actions of `Login` for',
    '`public.ecr.aws` alone:',
    '',
    ...json(registryPolicy()),
    '',
  ].join('\n');
}

function conditionText(condition: NonNullable<IamPolicy['Statement'][number]['Condition']>): string {
  return Object.entries(condition)
    .flatMap(([operator, values = {}]) =>
      Object.entries(values).map(([key, value]) =>
        operator === 'Null' ? `\`${key}\` of any value` : `\`${key}\` = \`${[value].flat().join('`, `')}\``,
      ),
    )
    .join(', ');
}
