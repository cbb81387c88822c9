import type { ProviderControllerDeclaration } from '../cloud/provider-controller.ts';
import { isControllerEnabled } from '../config/controller-names.ts';
import { type ControllerLock, type LeaderMigrationConfiguration, lockOf } from '../config/leader-migration.ts';
import { builtInControllers, type ControllerRegistration, providerControllers } from './controller-registry.ts';

export interface ControllerSelection {
  /** The `--controllers` list. */
  readonly controllers: readonly string[];
  /** The loops that only this cloud has. */
  readonly declared: readonly ProviderControllerDeclaration[];
  readonly migration: LeaderMigrationConfiguration | undefined;
  /** `--node-name`. */
  readonly nodeName: string | undefined;
}

/** A controller, and under which lock it runs here; or why it does not. */
export interface SelectedController {
  readonly registration: ControllerRegistration;
  readonly place: Exclude<ControllerLock, 'never'> | { readonly notHere: string };
}

/** Which controllers this manager runs, in the order in which they start. Pure. */
export function selectControllers(selection: ControllerSelection): readonly SelectedController[] {
  return [...builtInControllers, ...providerControllers(selection.declared)].map((registration) => ({
    registration,
    place: placeOf(registration, selection),
  }));
}

function placeOf(
  { name, worksPerNode }: ControllerRegistration,
  { controllers, declared, migration, nodeName }: ControllerSelection,
): SelectedController['place'] {
  if (!isControllerEnabled(name, controllers, declared)) return { notHere: '--controllers switches it off' };
  if (nodeName !== undefined && worksPerNode !== 'yes') {
    return { notHere: '--node-name leaves it to the manager of the whole cluster' };
  }
  const lock = lockOf(name, migration);
  return lock === 'never' ? { notHere: 'another manager runs it' } : lock;
}
