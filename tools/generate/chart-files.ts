import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  builtInControllers,
  controllerNames,
  providerControllers,
  type RbacOptions,
  rbacObjects,
  versionMatrix,
  volumeLabelerDeclaration,
  webhookConfigurations,
} from '@ccm-ts/cloud-provider';
import { alertRules } from './alert-rules.ts';
import { dashboard } from './dashboard.ts';
import { jsonText } from './json-text.ts';
import type { GeneratedFile } from './references.ts';

const shared = 'packages/cloud-provider/chart';
const header = '{{- /* Made by tools/generate/generate.ts from the declarations in the source. Do not edit. */ -}}';
/** Where the chart puts the name that its values give to the lease. */
const anyLease = { namespace: 'kube-system', name: 'cloud-controller-manager' };

/** What the charts have from the source: rights, dashboard and alerts; and from the shared chart: the schema of values. */
export function chartFiles(root: string): readonly GeneratedFile[] {
  const ofProviders = readdirSync(join(root, 'packages'))
    .map((name) => `packages/${name}/chart`)
    .filter((folder) => folder !== shared && existsSync(join(root, folder, 'Chart.yaml')));
  const schema = readFileSync(join(root, shared, 'values.common.schema.json'), 'utf8');
  return [
    { path: `${shared}/templates/_rights.tpl`, text: chartTemplate('rights', rights()) },
    { path: `${shared}/templates/_webhook-declarations.tpl`, text: chartTemplate('webhookDeclarations', webhooks()) },
    { path: `${shared}/templates/_alerts.tpl`, text: chartTemplate('alerts', alertRules()) },
    { path: `${shared}/templates/_dashboard.tpl`, text: chartTemplate('dashboard', dashboard()) },
    ...ofProviders.map((folder) => ({ path: `${folder}/values.schema.json`, text: schema })),
    ...[shared, ...ofProviders].map((folder) => {
      const path = `${folder}/Chart.yaml`;
      return { path, text: withVersions(readFileSync(join(root, path), 'utf8')) };
    }),
  ];
}

/** Data that a template of a chart includes as JSON. Curly braces in it are none of the template language's. */
export function chartTemplate(name: string, data: unknown): string {
  return `${header}\n{{- define "cloud-provider.${name}" -}}\n{{\`${jsonText(data).trimEnd()}\`}}\n{{- end -}}\n`;
}

/** The servers of the matrix, their pre-releases and what distributions add to versions included. */
function withVersions(chart: string): string {
  const minors = versionMatrix.apiServers.map(({ minor }) => minor);
  const range = `>=1.${Math.min(...minors)}.0-0 <1.${Math.max(...minors) + 1}.0-0`;
  return chart.replace(/^kubeVersion: .*$/m, `kubeVersion: '${range}'`);
}

/** The configurations of the webhooks that the framework has; where they are reached is up to the chart. */
function webhooks(): unknown {
  const reachedBy = { kind: 'service', namespace: '', name: '', port: 443 } as const;
  return webhookConfigurations({ name: '', webhooks: [volumeLabelerDeclaration], reachedBy, authority: '' });
}

/** The rules of the manager itself, by what brings them along, and those of each controller. */
function rights(): unknown {
  const plain = rulesOf({ lease: undefined });
  const electing = rulesOf({ lease: anyLease });
  const [providers] = providerControllers([{ name: 'any', byDefault: 'no', serviceAccount: 'any' }]);
  return {
    cluster: plain.cluster,
    system: plain.system,
    election: without(electing.cluster, plain.cluster),
    lease: without(electing.system, plain.system),
    serviceAccounts: without(rulesOf({ lease: undefined, usesServiceAccounts: 'yes' }).system, plain.system),
    controllers: builtInControllers.map(({ name, serviceAccount, rbac }) => {
      const known = controllerNames.find(({ canonical }) => canonical === name);
      return {
        name,
        alias: known?.alias ?? name,
        byDefault: known?.byDefault !== 'no',
        serviceAccount,
        ...partedRules([{ name, rbac }], plain.cluster),
      };
    }),
    providerController: partedRules(providers ? [providers] : [], plain.cluster),
  };
}

/** What informers read for a controller, which the manager does with its own account in any case, and what it does itself. */
function partedRules(
  controllers: RbacOptions['controllers'],
  others: readonly unknown[],
): Readonly<Record<'shared' | 'own', readonly unknown[]>> {
  const part = (share: 'shared' | 'own'): readonly unknown[] =>
    without(rulesOf({ lease: undefined, controllers, share }).cluster, others);
  return { shared: part('shared'), own: part('own') };
}

function rulesOf(options: Pick<RbacOptions, 'lease'> & Partial<RbacOptions>): Record<'cluster' | 'system', unknown[]> {
  const subject = { kind: 'ServiceAccount', name: 'any', namespace: 'kube-system' } as const;
  const objects = rbacObjects({ name: 'any', subject, controllers: [], ...options });
  const rules = (kind: string): unknown[] => {
    const found = objects.find((object) => object.kind === kind)?.['rules'];
    return Array.isArray(found) ? found : [];
  };
  return { cluster: rules('ClusterRole'), system: rules('Role') };
}

function without(rules: readonly unknown[], others: readonly unknown[]): readonly unknown[] {
  const known = new Set(others.map((rule) => JSON.stringify(rule)));
  return rules.filter((rule) => !known.has(JSON.stringify(rule)));
}
