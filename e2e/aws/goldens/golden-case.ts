import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the cases are kept, one file each. */
export const casesFolder = join(import.meta.dirname, '../../../packages/cloud-provider-aws/testdata/goldens');

/** What the Go manager (kubernetes/cloud-provider-aws v1.36.0) did, step by step. `{{…}}` stands for what a run gives names to. */
export interface GoldenCase {
  readonly case: string;
  readonly world: World;
  readonly observes: readonly Aspect[];
  /** The first one is the manager's start. */
  readonly steps: readonly Step[];
}

export interface World {
  /** @default six, three in public and three in private subnets */
  readonly nodes?: readonly CaseNode[];
  /** Of `[Global]`. */
  readonly config?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
  /** Names of nodes that nothing can initialise. */
  readonly staysUninitialized?: readonly string[];
}

/** A machine and the Node that its kubelet registers. */
export interface CaseNode {
  readonly name: string;
  readonly subnet?: string;
  readonly ip: string;
  /** The Node's name. @default the machine's private DNS name */
  readonly host?: string;
  readonly providerID?: string;
  /** False for a Node without machine. */
  readonly instance?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly enis?: readonly { readonly ip: string; readonly index: number }[];
  readonly providedIP?: string;
  /** Whether the kubelet reports the address. */
  readonly kubeletIP?: boolean;
  readonly podCIDR?: string;
}

/** What is compared. */
export type Aspect = 'services' | 'nodes' | 'cloud' | 'routes' | 'instances';

export interface Step {
  readonly name: string;
  readonly does: Deeds;
  readonly expects: Expectation;
  /** @default those of the case; at the start the Nodes alone, if the case looks at Nodes */
  readonly observes?: readonly Aspect[];
  readonly quietSeconds?: number;
  readonly limitSeconds?: number;
  /** Reads do not count as something going on. */
  readonly ignores?: 'reads';
}

export interface Deeds {
  readonly apply?: readonly object[];
  readonly patch?: Readonly<Record<string, object>>;
  readonly delete?: string;
  /** The Service that is deleted is not waited for. */
  readonly leaves?: 'waiting';
  readonly aws?: readonly AwsCall[];
  readonly faults?: readonly Fault[];
  readonly addNodes?: readonly CaseNode[];
  readonly deleteNodes?: readonly string[];
  /** The condition Ready, by node. */
  readonly ready?: Readonly<Record<string, string>>;
  readonly restart?: boolean;
}

export interface AwsCall {
  readonly service: 'ec2' | 'elb' | 'elbv2';
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** An answer that the next calls of an operation get instead of the emulator's. */
export interface Fault {
  readonly service: string;
  readonly action: string;
  readonly code: string;
  readonly status?: number;
  readonly message?: string;
  readonly count: number;
  /** Only calls whose form holds this text. @default all */
  readonly holding?: string;
  /** The emulator does what is asked, and the connection breaks before anybody hears of it. @default it is not asked */
  readonly loses?: 'answer';
}

export interface Expectation {
  readonly state: Readonly<Record<string, unknown>>;
  readonly rejected?: string;
  readonly events: readonly CaseEvent[];
  /** What the Go manager asked of AWS. For information: ours is held to its own budget. */
  readonly calls: CallCount;
}

export interface CaseEvent {
  readonly object: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

export interface CallCount {
  readonly reads: number;
  readonly writes: number;
}

/** All cases by name. */
export async function loadCases(): Promise<readonly GoldenCase[]> {
  const files = (await readdir(casesFolder)).filter((name) => name.endsWith('.json')).sort();
  return await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(casesFolder, file), 'utf8')) as GoldenCase),
  );
}

/** Puts the run's names into a text of a case, wherever it stands. */
export function fillIn<Value>(value: Value, names: ReadonlyMap<string, string>): Value {
  const text = JSON.stringify(value).replace(/\{\{([^}]+)\}\}/g, (_, name: string) => {
    const found = names.get(name);
    if (found === undefined) throw new Error(`the case names ${name}, which is not there`);
    return found;
  });
  return JSON.parse(text) as Value;
}

/** The nodes of a case that names none. */
export const defaultNodes: readonly CaseNode[] = Array.from({ length: 6 }, (_, index) => {
  const isPublic = index < 3;
  const zone = ['a', 'b', 'c'][index % 3] ?? 'a';
  return {
    name: `n${index + 1}`,
    subnet: `${isPublic ? 'public' : 'private'}-${zone}`,
    ip: `10.0.${(isPublic ? 0 : 10) + (index % 3)}.${11 + index}`,
    labels: index < 2 ? { role: 'web' } : {},
  };
});
