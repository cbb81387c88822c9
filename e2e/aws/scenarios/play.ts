import assert from 'node:assert/strict';
import type { Fault } from '../goldens/golden-case.ts';
import type { GoldenCloud } from '../goldens/golden-cloud.ts';
import type { GoldenCluster } from '../goldens/golden-cluster.ts';
import type { CloudProxy } from '../goldens/cloud-proxy.ts';
import type { Enforcement } from './enforcement.ts';
import type { Observer, SeenLoadBalancer, SeenService, SeenTargetGroup, Sight } from './found.ts';

/** What a scenario stands on. */
export interface Ground {
  readonly cloud: GoldenCloud;
  readonly cluster: GoldenCluster;
  readonly clusterID: string;
  readonly proxy: CloudProxy;
  readonly enforcement: Enforcement;
  readonly observer: Observer;
}

/** Something that users, clouds or machines do, and what has to come of it. */
export interface Scenario {
  readonly title: string;
  readonly play: (play: Play) => Promise<void>;
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly nodePort?: number;
}

export interface Wish {
  readonly annotations?: Readonly<Record<string, string>>;
  /** @default port 80 */
  readonly ports?: readonly ServicePort[];
  readonly spec?: object;
}

/** What there is for the Service of a scenario. */
export interface Findings {
  readonly service: SeenService | undefined;
  readonly network: SeenLoadBalancer | undefined;
  readonly classic: SeenLoadBalancer | undefined;
  /** By their ports. */
  readonly targetGroups: readonly SeenTargetGroup[];
  /** Names of security groups that were made for it. */
  readonly groups: readonly string[];
  /** Rules of the nodes that were made for it, without its name. */
  readonly rules: readonly string[];
  /** `Type Reason: message`. */
  readonly events: readonly string[];
}

export const prefix = 'service.beta.kubernetes.io/aws-load-balancer-';
const waitSeconds = 90;

/** One scenario with a Service of its own, which it shares with no other. */
export class Play {
  readonly ground: Ground;
  readonly name: string;
  readonly number: number;
  #uid = '';

  constructor(ground: Ground, number: number) {
    this.ground = ground;
    this.number = number;
    this.name = `s${number}`;
  }

  get #key(): string {
    return `default/${this.name}`;
  }

  /** The tag that says which Service an object is for. */
  get serviceTag(): string {
    return this.#key;
  }

  get loadBalancerName(): string {
    return `a${this.#uid.replaceAll('-', '')}`.slice(0, 32);
  }

  /** A second Service of the same scenario, with the last node ports of the range. */
  second(): Play {
    return new Play(this.ground, this.number + 130);
  }

  /** Node ports and health check ports of this Service alone. */
  nodePort(index: number): number {
    return 30_000 + this.number * 10 + index;
  }

  get healthPort(): number {
    return this.nodePort(9);
  }

  /** `{{sg:byo-1}}` stands for what the account calls that. */
  async create({ annotations = {}, ports = [{ port: 80 }], spec = {} }: Wish): Promise<void> {
    await this.prepare({ annotations, ports });
    await this.edit({ spec: { type: 'LoadBalancer', ...spec } });
  }

  /** A Service that wants no load balancer so far: its name is known before anything happens. */
  async prepare({ annotations = {}, ports = [{ port: 80 }] }: Wish): Promise<void> {
    const names = Object.entries(annotations).map(([key, value]): [string, string] => [
      key.includes('/') ? key : `${prefix}${key}`,
      this.#fillIn(value),
    ]);
    await this.ground.cluster.createService({
      metadata: { name: this.name, annotations: Object.fromEntries(names) },
      spec: { type: 'NodePort', selector: { app: this.name }, ports: this.ports(ports) },
    });
    this.#uid = await this.ground.cluster.serviceUID(this.name);
  }

  /** With names and node ports where they are left out. */
  ports(ports: readonly ServicePort[]): readonly Required<ServicePort>[] {
    return ports.map((each, index) => ({
      name: `p${index}`,
      protocol: 'TCP',
      nodePort: this.nodePort(index),
      ...each,
    }));
  }

  async edit(patch: object): Promise<void> {
    await this.ground.cluster.patchService(this.name, patch);
  }

  /** Undefined takes an annotation away. */
  async annotate(annotations: Readonly<Record<string, string | undefined>>): Promise<void> {
    const entries = Object.entries(annotations).map(([key, value]): [string, string | null] => [
      key.includes('/') ? key : `${prefix}${key}`,
      value === undefined ? null : this.#fillIn(value),
    ]);
    await this.edit({ metadata: { annotations: Object.fromEntries(entries) } });
  }

  async change(ports: readonly ServicePort[]): Promise<void> {
    await this.edit({ spec: { ports: this.ports(ports) } });
  }

  /** Deletes the Service and waits until nothing of it is left anywhere. */
  async delete(): Promise<void> {
    await this.ground.cluster.deleteService(this.name);
    await this.until(assertGone);
  }

  /** The next calls for this Service are answered with an error. */
  fail(fault: Omit<Fault, 'count'> & { readonly count?: number }): void {
    this.ground.proxy.fail({ count: 1, holding: this.loadBalancerName, ...fault });
  }

  /** Waits until the check does not throw. */
  async until(check: (found: Findings, sight: Sight) => void, seconds = waitSeconds): Promise<void> {
    await this.ground.observer.until((sight) => check(this.#find(sight), sight), seconds);
  }

  /** Waits until there are such a load balancer and such target groups, and the Service has its address. */
  async untilThere(kind: 'classic' | 'network', expected: object, targetGroups?: readonly object[]): Promise<void> {
    const wanted = JSON.parse(this.#fillIn(JSON.stringify(expected))) as object;
    await this.until((found) => {
      const loadBalancer = found[kind];
      assert.ok(loadBalancer, `${this.name} has no ${kind} load balancer: ${found.events.join('; ')}`);
      assert.partialDeepStrictEqual(loadBalancer, wanted);
      if (targetGroups !== undefined) {
        assert.equal(found.targetGroups.length, targetGroups.length);
        assert.partialDeepStrictEqual(found.targetGroups, targetGroups);
      }
      assert.equal(found.service?.status.loadBalancer?.ingress?.[0]?.hostname, loadBalancer.dnsName);
    });
  }

  /** Waits for an Event with all these words. */
  async untilTold(...words: readonly string[]): Promise<void> {
    await this.until(({ events }) => {
      const isTold = events.some((event) => words.every((word) => event.includes(word)));
      assert.ok(isTold, `no Event of ${this.name} says ${words.join(', ')}: ${events.join('; ')}`);
    });
  }

  #fillIn(text: string): string {
    return text.replace(/\{\{([^}]+)\}\}/g, (_, name: string) => this.ground.cloud.id(name));
  }

  #find({ cloud, events, services }: Sight): Findings {
    const name = this.loadBalancerName;
    const groups = Object.entries(cloud.targetGroups) as [string, SeenTargetGroup][];
    const securityGroups = Object.entries(cloud.securityGroups) as [
      string,
      {
        readonly description: string;
        readonly ingress: readonly string[];
        readonly tags: Readonly<Record<string, string>>;
      },
    ][];
    const owned = `kubernetes.io/cluster/${this.ground.clusterID}`;
    const own = securityGroups.filter(
      ([key, { description, tags }]) =>
        tags[owned] === 'owned' &&
        (key === `k8s-elb-${name}` || (key.startsWith(`k8s-default-${this.name}-`) && description.includes('Managed'))),
    );
    const nodes = securityGroups.find(([key]) => key === 'nodes')?.[1].ingress ?? [];
    return {
      service: services[this.#key],
      network: cloud.network[name] as SeenLoadBalancer | undefined,
      classic: cloud.classic[name] as SeenLoadBalancer | undefined,
      targetGroups: groups
        .filter(([, { tags }]) => tags['kubernetes.io/service-name'] === this.#key && tags[owned] === 'owned')
        .map(([, group]) => group)
        .sort((a, b) => a.port - b.port),
      groups: own.map(([key]) => key),
      rules: nodes.filter((rule) => rule.includes(name)).map((rule) => rule.replace(`=${name}`, '')),
      events: events
        .filter(({ object }) => object === `Service/${this.name}`)
        .map(({ message, reason, type }) => `${type} ${reason}: ${message}`),
    };
  }
}

export function assertGone({ classic, groups, network, rules, service, targetGroups }: Findings): void {
  assert.equal(service, undefined);
  assertNothingLeft({ classic, groups, network, rules, targetGroups });
}

/** As for a Service that wants no load balancer any more. */
export function assertNothingLeft(found: Omit<Findings, 'service' | 'events'>): void {
  const { classic, groups, network, rules, targetGroups } = found;
  assert.deepEqual(
    { classic, groups, network, rules, targetGroups },
    { classic: undefined, groups: [], network: undefined, rules: [], targetGroups: [] },
  );
}
