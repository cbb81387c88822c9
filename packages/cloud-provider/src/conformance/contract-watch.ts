import { AsyncLocalStorage } from 'node:async_hooks';
import { overlay } from '../base/overlay.ts';
import type { CloudProvider } from '../cloud/cloud-provider.ts';
import type { Instances } from '../cloud/instances.ts';
import type { InventoryKind } from '../cloud/inventory.ts';
import type { LoadBalancerKind } from '../cloud/load-balancer-kind.ts';
import { type Operation, describeOperation } from '../cloud/operation.ts';
import type { Routes } from '../cloud/routes.ts';

/**
 * Looks over a provider's shoulder while the real loops use it, in every case: what the contract says of its functions is
 * held against every call of them, not only against those that a case thought of.
 */
export class ContractWatch {
  readonly #permissions: ReadonlySet<string>;
  readonly #applying = new AsyncLocalStorage<Operation>();
  readonly #breaches = new Set<string>();

  /** @param permissions those that the provider declares */
  constructor(permissions: Iterable<string>) {
    this.#permissions = new Set(permissions);
  }

  /** Everything that broke the contract so far, each once. */
  get breaches(): readonly string[] {
    return [...this.#breaches];
  }

  /** Called for every request that writes: only an operation that was planned and judged may cause one. */
  onWrite(operation: string): void {
    if (!this.#applying.getStore()) this.#breaches.add(`${operation} was sent outside of apply`);
  }

  /** The provider with us behind it. */
  watched(provider: CloudProvider): CloudProvider {
    const { instances, inventory, loadBalancers, routes } = provider;
    return overlay(provider, {
      ...(instances && { instances: this.#instances(instances) }),
      ...(loadBalancers && { loadBalancers: loadBalancers.map((kind) => this.#kind(kind)) }),
      ...(routes && { routes: this.#routes(routes) }),
      ...(inventory && { inventory: inventory.map((kind) => this.#inventory(kind)) }),
    });
  }

  #instances(instances: Instances): Instances {
    const { prepare } = instances;
    if (!prepare) return instances;
    const watched = overlay(prepare, {
      apply: (operation, call) => this.#apply(operation, () => prepare.apply(operation, call)),
    });
    return overlay(instances, { prepare: watched });
  }

  #inventory(kind: InventoryKind): InventoryKind {
    return overlay(kind, {
      apply: (operation, observed, call) => this.#apply(operation, () => kind.apply(operation, observed, call)),
    });
  }

  #kind(kind: LoadBalancerKind): LoadBalancerKind {
    return overlay(kind, {
      desire: (request, facts) => this.#pure(`desire of ${kind.name}`, () => kind.desire(request, facts)),
      plan: (wishes, observed) => this.#pure(`plan of ${kind.name}`, () => kind.plan(wishes, observed)),
      fold: (observed, operation, outputs) =>
        this.#pure(`fold of ${kind.name}`, () => kind.fold(observed, operation, outputs)),
      result: (observed, member) => this.#pure(`result of ${kind.name}`, () => kind.result(observed, member)),
      apply: (operation, observed, call) => this.#apply(operation, () => kind.apply(operation, observed, call)),
    });
  }

  #routes(routes: Routes): Routes {
    return overlay(routes, {
      plan: (difference, observed) => this.#pure('plan of routes', () => routes.plan(difference, observed)),
      apply: (operation, observed, call) => this.#apply(operation, () => routes.apply(operation, observed, call)),
    });
  }

  #apply<Result>(operation: Operation, apply: () => Promise<Result>): Promise<Result> {
    if (!this.#permissions.has(operation.permission)) {
      this.#breaches.add(`${describeOperation(operation)} needs ${operation.permission}, which is not declared`);
    }
    return this.#applying.run(operation, apply);
  }

  /** Asked twice it must say the same: what is not pure shows in the second answer sooner or later. */
  #pure<Answer>(what: string, ask: () => Answer): Answer {
    const answer = ask();
    if (print(ask()) !== print(answer)) this.#breaches.add(`${what} is not pure: asked twice it answers differently`);
    return answer;
  }
}

function print(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Map) return [...(part as ReadonlyMap<unknown, unknown>)];
    if (part instanceof Set) return [...(part as ReadonlySet<unknown>)];
    return part;
  });
}
