import type { ProviderControllerDeclaration } from '../cloud/provider-controller.ts';
import { suggest } from './flags/suggest.ts';

/** A controller as `--controllers` knows it. Source: k8s.io/cloud-provider/names. */
export interface ControllerName {
  readonly canonical: string;
  /** The name before 1.27, still accepted. */
  readonly alias: string;
  /** Whether `*` includes it. @default yes */
  readonly byDefault?: 'no';
}

/** Every controller of the Go managers, and the orphan controller, which is ours. */
export const controllerNames: readonly ControllerName[] = [
  { canonical: 'cloud-node-controller', alias: 'cloud-node' },
  { canonical: 'cloud-node-lifecycle-controller', alias: 'cloud-node-lifecycle' },
  { canonical: 'service-lb-controller', alias: 'service' },
  { canonical: 'node-route-controller', alias: 'route' },
  // Most clusters have it in another program, and let this one know of --allocate-node-cidrs all the same: two that give out
  // the same ranges would break the network.
  { canonical: 'node-ipam-controller', alias: 'nodeipam', byDefault: 'no' },
  { canonical: 'orphan-controller', alias: 'orphan' },
];

/** More names that files of the Go managers call a controller by, though flags don't take them. */
const namesInFiles: Readonly<Record<string, string>> = {
  'service-controller': 'service-lb-controller',
  'route-controller': 'node-route-controller',
};

/** The canonical name of a controller that somebody names in any way; what is no name of a controller stays as it is. */
export function canonicalController(name: string): string {
  const known = controllerNames.find(({ canonical, alias }) => name === canonical || name === alias);
  return known?.canonical ?? namesInFiles[name] ?? name;
}

/** The controllers of the framework and those that only one cloud has. */
export function allControllerNames(declared: readonly ProviderControllerDeclaration[] = []): readonly ControllerName[] {
  const ofProvider = declared.map(
    ({ name, byDefault }): ControllerName => ({
      canonical: name,
      alias: name,
      ...(byDefault === 'no' && { byDefault }),
    }),
  );
  return [...controllerNames, ...ofProvider];
}

/** What is wrong with a `--controllers` list; empty when nothing is. */
export function checkControllerList(
  list: readonly string[],
  declared: readonly ProviderControllerDeclaration[] = [],
): readonly string[] {
  const known = [...new Set(allControllerNames(declared).flatMap((name) => [name.canonical, name.alias]))];
  const faults: string[] = [];
  for (const item of list) {
    const name = item.replace(/^-/, '');
    if (name === '*' || known.includes(name)) continue;
    const near = suggest(name, known);
    faults.push(
      near === undefined
        ? `${JSON.stringify(name)} is not a controller; there are ${known.join(', ')}`
        : `${JSON.stringify(name)} is not a controller; did you mean ${near}?`,
    );
  }
  return faults;
}

/**
 * Whether a controller is switched on: the first mention of its name wins, then `*` if it is on by default.
 * Source: k8s.io/controller-manager, IsControllerEnabled.
 */
export function isControllerEnabled(
  canonical: string,
  list: readonly string[],
  declared: readonly ProviderControllerDeclaration[] = [],
): boolean {
  const aliases = allControllerNames(declared).find((name) => name.canonical === canonical);
  const names = aliases ? [aliases.canonical, aliases.alias] : [canonical];
  for (const item of list) {
    if (names.includes(item)) return true;
    if (item.startsWith('-') && names.includes(item.slice(1))) return false;
  }
  return list.includes('*') && aliases?.byDefault !== 'no';
}
