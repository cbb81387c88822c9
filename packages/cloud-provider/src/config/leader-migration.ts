import { parseYaml } from '../kube/yaml.ts';
import type { ConfigFault } from '../base/config-error.ts';
import { canonicalController } from './controller-names.ts';

/** Which controllers run under which lock while a cluster moves from one manager to another. */
export interface LeaderMigrationConfiguration {
  /** The name of the second lease. */
  readonly leaderName: string;
  readonly resourceLock: 'leases';
  readonly controllerLeaders: readonly ControllerLeader[];
}

export interface ControllerLeader {
  /** Canonical, whatever the file says. */
  readonly name: string;
  /** The manager that runs it; `*` for whichever holds the lock. */
  readonly component: string;
}

/** Under which lock a controller runs here. `never`: another manager runs it. */
export type ControllerLock = 'main' | 'migration' | 'never';

const group = 'controllermanager.config.k8s.io';
const versions = ['v1', 'v1beta1', 'v1alpha1'];
const ourComponent = 'cloud-controller-manager';

/** What Go's managers do without a file. Source: k8s.io/controller-manager pkg/leadermigration/config. */
export const defaultLeaderMigration: LeaderMigrationConfiguration = {
  leaderName: 'cloud-provider-extraction-migration',
  resourceLock: 'leases',
  controllerLeaders: ['route-controller', 'service-controller', 'cloud-node-lifecycle-controller'].map((name) => ({
    name: canonicalController(name),
    component: '*',
  })),
};

/**
 * The lock of one controller. Go compares names as they are written, and its own default file names two controllers by names
 * that its cloud controller manager does not use, so that they run under no migration lock; here aliases count.
 */
export function lockOf(controller: string, migration: LeaderMigrationConfiguration | undefined): ControllerLock {
  const leader = migration?.controllerLeaders.find(({ name }) => name === controller);
  if (!leader) return 'main';
  return leader.component === '*' || leader.component === ourComponent ? 'migration' : 'never';
}

export type ParsedLeaderMigration =
  | { readonly kind: 'parsed'; readonly value: LeaderMigrationConfiguration }
  | { readonly kind: 'bad'; readonly faults: readonly ConfigFault[] };

/** Reads a `LeaderMigrationConfiguration`, strictly: what it does not know is a fault. */
export function parseLeaderMigration(path: string, text: string): ParsedLeaderMigration {
  const reader = new Reader(path);
  let document: unknown;
  try {
    document = parseYaml(text);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { kind: 'bad', faults: [{ file: path, field: '(file)', value: '', fix: `write YAML or JSON (${reason})` }] };
  }
  const value = reader.configuration(document);
  return reader.faults.length > 0 ? { kind: 'bad', faults: reader.faults } : { kind: 'parsed', value };
}

class Reader {
  readonly faults: ConfigFault[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  configuration(document: unknown): LeaderMigrationConfiguration {
    const object = this.#object('', document);
    const apiVersion = this.#text(object, '', 'apiVersion');
    if (!versions.some((version) => apiVersion === `${group}/${version}`)) {
      this.#fault(
        'apiVersion',
        apiVersion,
        `write one of ${versions.map((version) => `${group}/${version}`).join(', ')}`,
      );
    }
    const kind = this.#text(object, '', 'kind');
    if (kind !== 'LeaderMigrationConfiguration') this.#fault('kind', kind, 'write LeaderMigrationConfiguration');
    const hasLock = apiVersion !== `${group}/v1`;
    this.#only(object, '', [
      'apiVersion',
      'kind',
      'leaderName',
      'controllerLeaders',
      ...(hasLock ? ['resourceLock'] : []),
    ]);
    const lock = object['resourceLock'];
    if (lock !== undefined && lock !== 'leases') {
      this.#fault('resourceLock', JSON.stringify(lock), 'write leases, the only kind that Kubernetes still has');
    }
    const leaders = object['controllerLeaders'];
    if (leaders !== undefined && leaders !== null && !Array.isArray(leaders)) {
      this.#fault('controllerLeaders', JSON.stringify(leaders), 'write a list of controllers');
    }
    return {
      leaderName: this.#required(object, '', 'leaderName'),
      resourceLock: 'leases',
      controllerLeaders: (Array.isArray(leaders) ? (leaders as readonly unknown[]) : []).map((leader, index) =>
        this.#leader(`controllerLeaders[${index}].`, leader),
      ),
    };
  }

  #leader(place: string, value: unknown): ControllerLeader {
    const object = this.#object(place, value);
    this.#only(object, place, ['name', 'component']);
    return {
      name: canonicalController(this.#required(object, place, 'name')),
      component: this.#required(object, place, 'component'),
    };
  }

  #object(place: string, value: unknown): Readonly<Record<string, unknown>> {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    this.#fault(place.replace(/\.$/, '') || '(file)', JSON.stringify(value) ?? '', 'write an object');
    return {};
  }

  #required(object: Readonly<Record<string, unknown>>, place: string, key: string): string {
    const text = this.#text(object, place, key);
    if (text === '') this.#fault(`${place}${key}`, '', 'it is needed: write it');
    return text;
  }

  #text(object: Readonly<Record<string, unknown>>, place: string, key: string): string {
    const value = object[key] ?? '';
    if (typeof value === 'string') return value;
    this.#fault(`${place}${key}`, JSON.stringify(value), 'write a text');
    return '';
  }

  #only(object: Readonly<Record<string, unknown>>, place: string, known: readonly string[]): void {
    for (const key of Object.keys(object)) {
      if (!known.includes(key)) this.#fault(`${place}${key}`, '', `remove it; there is ${known.join(', ')}`);
    }
  }

  #fault(field: string, value: string, fix: string): void {
    this.faults.push({ file: this.#file, field, value, fix });
  }
}
