import { type CallContext, CloudError, Duration, type OperationResult, toCloudError } from '@ccm-ts/cloud-provider';
import type { Ec2Port, Instance, RouteInput } from '../client/ec2-port.ts';
import type { KnownInstances } from '../instances/known-instances.ts';
import type { AwsRouteOperation } from './plan.ts';

/** Interfaces and the check of addresses are set when an instance is started; a change by hand may wait so long. */
const instanceMaxAge = Duration.minutes(10);

export interface RouteApplyPorts {
  readonly ec2: Ec2Port;
  readonly instances: KnownInstances;
}

const done: OperationResult = { kind: 'done', outputs: {} };

/** Carries out one write. Each may be repeated without harm when its answer was lost. */
export async function applyRoute(
  operation: AwsRouteOperation,
  ports: RouteApplyPorts,
  call: CallContext,
): Promise<OperationResult> {
  const { tableID, cidr } = operation;
  if (operation.verb === 'delete') {
    await unless('NotFound', () => ports.ec2.deleteRoute({ tableID, cidr }, call));
    return done;
  }
  const instance = await instanceFor(operation, ports, call);
  // Without this EC2 drops what pods send, because it is not from the instance's own address.
  if (instance.sourceDestCheck) {
    await ports.ec2.disableSourceDestCheck(instance.id, call);
    ports.instances.note([{ ...instance, sourceDestCheck: false }]);
  }
  const route: RouteInput = { tableID, cidr, target: routeTarget(instance, cidr) };
  if (operation.verb === 'create') await create(route, operation, { ports, call });
  else await replace(route, { ports, call });
  return done;
}

interface Sending {
  readonly ports: RouteApplyPorts;
  readonly call: CallContext;
}

async function create(route: RouteInput, operation: AwsRouteOperation, { ports, call }: Sending): Promise<void> {
  try {
    await ports.ec2.createRoute(route, call);
  } catch (error) {
    const { code, details } = toCloudError(error);
    if (code !== 'Conflict' || details.cloudCode !== 'RouteAlreadyExists') throw error;
    // It may be our own, of a request whose answer was lost.
    const tables = await ports.ec2.describeRoutes({ by: 'id', id: route.tableID }, call);
    const present = tables.flatMap(({ routes }) => routes).find(({ cidr }) => cidr === route.cidr);
    const isOurs = present?.target.kind === 'instance' && present.target.id === operation.instanceID;
    if (!isOurs) throw error;
  }
}

async function replace(route: RouteInput, { ports, call }: Sending): Promise<void> {
  const isThere = await unless('NotFound', () => ports.ec2.replaceRoute(route, call));
  // Somebody deleted it in between. When it was the instance that is gone, this says so.
  if (!isThere) await ports.ec2.createRoute(route, call);
}

async function instanceFor(operation: AwsRouteOperation, ports: RouteApplyPorts, call: CallContext): Promise<Instance> {
  const { instanceID, instanceIDs } = operation;
  const known = await ports.instances.read(instanceIDs, instanceMaxAge, call);
  const instance = known.get(instanceID);
  if (instance !== undefined) return instance;
  throw new CloudError('Unavailable', `EC2 does not show the instance ${instanceID} yet, or does not any more`, {
    operation: 'DescribeInstances',
  });
}

/**
 * EC2 takes an instance for a target only when it has a single interface, and for IPv4 only; the interface that the instance
 * was started with is meant in any case.
 */
function routeTarget(instance: Instance, cidr: string): RouteInput['target'] {
  const [primary, ...others] = instance.networkInterfaces.toSorted(
    (a, b) => (a.deviceIndex ?? Number.MAX_SAFE_INTEGER) - (b.deviceIndex ?? Number.MAX_SAFE_INTEGER),
  );
  if (primary !== undefined && primary.id !== '' && (others.length > 0 || cidr.includes(':'))) {
    return { kind: 'network-interface', id: primary.id };
  }
  return { kind: 'instance', id: instance.id };
}

/** Whether it was done; false when EC2 says the named thing, which takes the call's purpose away. */
async function unless(code: CloudError['code'], send: () => Promise<void>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (toCloudError(error).code === code) return false;
    throw error;
  }
}
