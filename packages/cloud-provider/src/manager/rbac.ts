import { type ControllerLock, type LeaderMigrationConfiguration, lockOf } from '../config/leader-migration.ts';

/** What somebody may do with some resources. */
export interface RbacRule {
  /** Empty for the core group. */
  readonly apiGroup: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Only objects of these names. @default all */
  readonly resourceNames?: readonly string[];
  /** Set for rights that most runs never use: when they are. */
  readonly rarely?: string;
  /** Whether an informer does it, which all controllers share, and not a controller itself. @default controller */
  readonly reader?: 'informer';
}

/** A part of the manager with what it needs. */
export interface RbacNeeds {
  readonly name: string;
  readonly rbac: readonly RbacRule[];
}

/** What the rights depend on. */
export interface RbacOptions {
  /** Prefix of the names of roles, for example `memory-cloud-controller-manager`. */
  readonly name: string;
  /** Who gets them. */
  readonly subject: RbacSubject;
  /** The controllers that run. */
  readonly controllers: readonly RbacNeeds[];
  /** Undefined without an election. */
  readonly lease: { readonly namespace: string; readonly name: string } | undefined;
  readonly migration?: LeaderMigrationConfiguration | undefined;
  /** Whether requests for metrics and status are reviewed. @default yes */
  readonly serves?: 'yes' | 'no';
  /** Whether controllers use service accounts of their own. @default no */
  readonly usesServiceAccounts?: 'yes' | 'no';
  /**
   * Where controllers use service accounts of their own: `shared` is what the manager's still does for them, `own` what theirs
   * do, and nothing else. @default all
   */
  readonly share?: 'all' | 'shared' | 'own';
  /** `--node-name`, where each node has an identity of its own: of nodes the rights are to this one alone. */
  readonly nodeName?: string | undefined;
}

export type RbacSubject =
  | { readonly kind: 'User' | 'Group'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string };

/** Events of whatever they are about. */
export const eventsRules: readonly RbacRule[] = [
  { apiGroup: 'events.k8s.io', resources: ['events'], verbs: ['create'] },
  { apiGroup: 'events.k8s.io', resources: ['events'], verbs: ['patch'], rarely: 'when an Event repeats' },
];

/** An object of the API group rbac.authorization.k8s.io, as it goes to the server. */
export interface RbacObject {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1';
  readonly kind: 'ClusterRole' | 'ClusterRoleBinding' | 'Role' | 'RoleBinding';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** The roles that a manager needs and their bindings, and nothing more. Pure; the order is stable. */
export function rbacObjects(options: RbacOptions): readonly RbacObject[] {
  const { lease } = options;
  const objects = boundClusterRole(options, mergeRules([...clusterRules(options), ...controllerRules(options)]));
  const leaseRules = lease ? leaseRulesOf(lease.name, options.migration) : [];
  const byNamespace = new Map<string, RbacRule[]>();
  const add = (namespace: string, rules: readonly RbacRule[]): void => {
    if (rules.length > 0) byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), ...rules]);
  };
  if (lease) add(lease.namespace, leaseRules);
  add('kube-system', systemRules(options));
  for (const [namespace, rules] of byNamespace) objects.push(...boundRole(options, namespace, mergeRules(rules)));
  return objects;
}

/** What of {@link rbacObjects} a run may well never use: each `group/resource verb`, with when it does. */
export function rarelyUsed(options: RbacOptions): ReadonlyMap<string, string> {
  const rules = [...clusterRules(options), ...controllerRules(options), ...systemRules(options)];
  const listed = (isRare: boolean): [string, string][] =>
    rules
      .filter(({ rarely }) => (rarely !== undefined) === isRare)
      .flatMap(({ apiGroup: group, resources, verbs, rarely = '' }) =>
        resources.flatMap((resource) =>
          verbs.map((verb): [string, string] => [`${group}/${resource} ${verb}`, rarely]),
        ),
      );
  const usual = new Map(listed(false));
  const rare = Map.groupBy(
    listed(true).filter(([right]) => !usual.has(right)),
    ([right]) => right,
  );
  return new Map([...rare].map(([right, cases]) => [right, [...new Set(cases.map(([, when]) => when))].join('; ')]));
}

function controllerRules({ controllers, migration, nodeName, share = 'all' }: RbacOptions): readonly RbacRule[] {
  return controllers
    .filter(({ name }) => runs(lockOf(name, migration)))
    .flatMap(({ rbac }) => rbac)
    .filter(({ reader }) => share === 'all' || (share === 'shared') === (reader === 'informer'))
    .map((rule) => {
      const isOfNodes = rule.resources.every((resource) => /^nodes(\/|$)/.test(resource));
      return nodeName !== undefined && isOfNodes ? { ...rule, resourceNames: [nodeName] } : rule;
    });
}

function runs(lock: ControllerLock): boolean {
  return lock !== 'never';
}

function clusterRules(options: RbacOptions): readonly RbacRule[] {
  if (options.share === 'own') return [];
  return [
    { apiGroup: '', resources: ['namespaces'], verbs: ['get'], resourceNames: ['kube-system'] },
    ...(options.lease ? eventsRules : []),
    ...(options.serves === 'no'
      ? []
      : [
          { apiGroup: 'authentication.k8s.io', resources: ['tokenreviews'], verbs: ['create'] },
          { apiGroup: 'authorization.k8s.io', resources: ['subjectaccessreviews'], verbs: ['create'] },
        ]),
  ];
}

function leaseRulesOf(name: string, migration: LeaderMigrationConfiguration | undefined): readonly RbacRule[] {
  const group = { apiGroup: 'coordination.k8s.io', resources: ['leases'] };
  const resourceNames = [name, ...(migration ? [migration.leaderName] : [])];
  // A create can't be bound to a name: it is judged before the name is known.
  return [
    { ...group, verbs: ['create'] },
    { ...group, verbs: ['get', 'patch'], resourceNames },
  ];
}

function systemRules(options: RbacOptions): readonly RbacRule[] {
  const authentication = { resources: ['configmaps'], resourceNames: ['extension-apiserver-authentication'] };
  if (options.share === 'own') return [];
  return [
    ...(options.serves === 'no' ? [] : [{ apiGroup: '', verbs: ['get'], ...authentication }]),
    ...(options.usesServiceAccounts === 'yes'
      ? [
          { apiGroup: '', resources: ['serviceaccounts'], verbs: ['get', 'create'] },
          { apiGroup: '', resources: ['serviceaccounts/token'], verbs: ['create'] },
        ]
      : []),
  ];
}

/** One rule for each resource, with all its verbs. */
function mergeRules(rules: readonly RbacRule[]): readonly RbacRule[] {
  const merged = new Map<string, RbacRule>();
  for (const rule of rules) {
    for (const resource of rule.resources) {
      const key = JSON.stringify([rule.apiGroup, resource, rule.resourceNames ?? []]);
      const verbs = new Set([...(merged.get(key)?.verbs ?? []), ...rule.verbs]);
      const { apiGroup, resourceNames } = rule;
      merged.set(key, {
        apiGroup,
        resources: [resource],
        verbs: [...verbs].toSorted(),
        ...(resourceNames && { resourceNames }),
      });
    }
  }
  return [...merged.values()].toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey({ apiGroup, resources, resourceNames = [] }: RbacRule): string {
  return [apiGroup, ...resources, ...resourceNames].join(' ');
}

function boundClusterRole(options: RbacOptions, rules: readonly RbacRule[]): RbacObject[] {
  const metadata = { name: options.name };
  return [
    { apiVersion, kind: 'ClusterRole', metadata, rules: rules.map(wireRule) },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: refTo('ClusterRole', options),
      subjects: subjectsOf(options),
    },
  ];
}

function boundRole(options: RbacOptions, namespace: string, rules: readonly RbacRule[]): RbacObject[] {
  const metadata = { name: options.name, namespace };
  return [
    { apiVersion, kind: 'Role', metadata, rules: rules.map(wireRule) },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef: refTo('Role', options), subjects: subjectsOf(options) },
  ];
}

const apiGroup = 'rbac.authorization.k8s.io';
const apiVersion = `${apiGroup}/v1` as const;

function refTo(kind: 'ClusterRole' | 'Role', { name }: RbacOptions): Readonly<Record<string, string>> {
  return { apiGroup, kind, name };
}

function subjectsOf({ subject }: RbacOptions): readonly unknown[] {
  return [subject.kind === 'ServiceAccount' ? subject : { apiGroup, ...subject }];
}

function wireRule({ apiGroup: group, resources, verbs, resourceNames }: RbacRule): Readonly<Record<string, unknown>> {
  return { apiGroups: [group], resources, verbs, ...(resourceNames && { resourceNames }) };
}
