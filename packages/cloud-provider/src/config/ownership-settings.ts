import { type LabelSelector, parseLabelSelector } from '../base/label-selector.ts';
import type { ManagerFlags } from './flags/manager-flags.ts';

/** Which part of the cluster is the manager's. */
export interface OwnershipSettings {
  /** `--manage-nodes`. Undefined selects all. */
  readonly nodes?: LabelSelector;
  /** `--manage-services`. Undefined selects all. */
  readonly services?: LabelSelector;
}

/** The settings of flags that `validateManagerFlags` finds no fault with. */
export function ownershipSettings(flags: ManagerFlags): OwnershipSettings {
  const [nodes, services] = [readSelector(flags['manage-nodes']), readSelector(flags['manage-services'])];
  return { ...(nodes && { nodes }), ...(services && { services }) };
}

function readSelector(text: string): LabelSelector | undefined {
  const parsed = parseLabelSelector(text);
  if (parsed.kind === 'parsed') return parsed.selector.length > 0 ? parsed.selector : undefined;
  // The flag's check lets no such text pass; a selector that nobody understands must not select everything.
  throw new RangeError(`${JSON.stringify(text)} is no label selector: ${parsed.problem}`);
}
