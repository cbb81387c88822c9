import type { OperationName } from '../memory-cloud/cloud/api.ts';
import { operationTable } from '../memory-cloud/cloud/api.ts';
import type { CallCounts, CallLog } from '../memory-cloud/cloud/call-log.ts';

/** What a run of the scenario came to. Every number is the cloud's or read from the API server, none is the manager's. */
export interface ScenarioReport {
  /** `initialised`: seen so at least once, which the one that was terminated was too. */
  readonly nodes: { readonly wanted: number; readonly initialised: number; readonly terminated: number };
  readonly services: { readonly wanted: number; readonly ready: number; readonly deleted: number };
  /** Writes that the cloud did, by verb and kind of object. */
  readonly operations: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Requests that the cloud got, by operation. */
  readonly cloudCalls: Readonly<Partial<Record<OperationName, CallCounts>>>;
  /** Requests that the cloud turned away because there were too many. */
  readonly throttled: number;
  readonly seconds: number;
  readonly converged: boolean;
  /** One line for each thing that is not as it must be. */
  readonly problems: readonly string[];
}

const verbs: Readonly<Record<string, string>> = {
  Create: 'create',
  Update: 'update',
  Replace: 'update',
  Set: 'update',
  Delete: 'delete',
};

/** The writes among the calls that were accepted, by verb and kind. */
export function countOperations(log: CallLog): ScenarioReport['operations'] {
  const counted: Record<string, Record<string, number>> = {};
  for (const [operation, counts] of Object.entries(log.counts()) as [OperationName, CallCounts][]) {
    if (operationTable[operation].kind === 'read' || counts.accepted === 0) continue;
    const [, word = '', kind = ''] = /^([A-Z][a-z]+)(.+)$/.exec(operation) ?? [];
    const verb = verbs[word] ?? word;
    counted[verb] = { ...counted[verb], [kind]: counts.accepted };
  }
  return counted;
}
