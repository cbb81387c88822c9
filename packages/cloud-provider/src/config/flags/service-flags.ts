import { atLeastOne } from './flag-checks.ts';
import type { FlagTable } from './flag.ts';

/** Which Services get load balancers, and how many at once. */
export const serviceFlags = {
  'concurrent-service-syncs': {
    kind: 'int',
    default: 1,
    group: 'Service controller',
    help: 'Load balancers that are worked on at the same time. More is faster, and takes more of the cloud at once.',
    check: atLeastOne,
  },
  'load-balancer-class': {
    kind: 'list',
    default: [],
    group: 'Service controller',
    help: "Values of spec.loadBalancerClass that are this manager's, such as example.org/internal. Services of other classes are left alone.",
    check: areClasses,
  },
  'default-load-balancer-class': {
    kind: 'bool',
    default: true,
    group: 'Service controller',
    help: "Whether Services that name no class are this manager's too. Takes --load-balancer-class when it is false.",
  },
} as const satisfies FlagTable;

/** What the API server lets a class be: a label-style name. Source: k8s.io/kubernetes pkg/apis/core/validation. */
const classPattern = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

function areClasses(names: readonly string[]): string | undefined {
  const wrong = names.find((name) => !classPattern.test(name));
  return wrong === undefined
    ? undefined
    : `${JSON.stringify(wrong)} is no class: write names such as example.org/internal`;
}
