import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { PageControl } from '../../manager/status-page/status-page-routes.ts';
import type { MemoryCloud } from '../memory-cloud/cloud/memory-cloud.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';
import type { ClusterHTTP } from './cluster-http.ts';
import { readCluster } from './cluster-state.ts';
import { relaxRates, tightenRates } from './demo-cloud.ts';
import { kubeletNode, loadBalancerService, silentKubeletStatus } from './manifests.ts';

export interface DemoWorld {
  readonly cloud: MemoryCloud;
  readonly http: ClusterHTTP;
  readonly clock: Clock;
  readonly seed: number;
}

const nodesPath = '/api/v1/nodes';
const servicesPath = '/api/v1/namespaces/default/services';
/** How long a click makes the cloud throttle. */
const throttleTime = Duration.seconds(10);

/** What a viewer of the demo can make happen: the same things that the scenario does by itself. */
export function demoControls(world: DemoWorld): readonly PageControl[] {
  const random = seededRandom(world.seed + 1);
  let added = 0;
  return [
    { name: 'add-machine', label: 'A machine joins', run: (signal) => addMachine(world, `extra-${++added}`, signal) },
    {
      name: 'add-service',
      label: 'A Service wants a load balancer',
      run: async (signal) => {
        const name = `extra-${++added}`;
        await world.http.create(servicesPath, loadBalancerService(name, random), signal);
        return `Service ${name} is created`;
      },
    },
    { name: 'terminate-machine', label: 'A machine dies', run: (signal) => terminate(world, random, signal) },
    { name: 'delete-service', label: 'A Service is deleted', run: (signal) => deleteService(world, random, signal) },
    {
      name: 'throttle',
      label: 'The cloud throttles for 10 s',
      run: async () => {
        tightenRates(world.cloud);
        world.clock.schedule(throttleTime, () => relaxRates(world.cloud));
        return 'the cloud grants one request in five seconds for a while';
      },
    },
  ];
}

async function addMachine({ cloud, http, clock }: DemoWorld, name: string, signal: AbortSignal): Promise<string> {
  const machine = cloud.operator.launch({ name, zone: 'memory-1a', type: 'standard-2' });
  await http.create(nodesPath, kubeletNode(name, clock.now()), signal);
  return `${name} (${machine.id}) registers itself as an uninitialised Node`;
}

async function terminate(world: DemoWorld, random: SeededRandom, signal: AbortSignal): Promise<string> {
  const { cloud, http, clock } = world;
  const { nodes } = await readCluster(http, signal);
  const machines = cloud.snapshot().instances.filter(({ name }) => nodes.some((node) => node.name === name));
  if (machines.length === 0) return 'there is no machine left';
  const machine = random.pick(machines);
  cloud.operator.terminate(machine.id);
  await http.patchStatus(nodesPath, machine.name, { body: silentKubeletStatus(clock.now()), signal });
  return `${machine.name} (${machine.id}) is terminated; its kubelet falls silent`;
}

async function deleteService({ http }: DemoWorld, random: SeededRandom, signal: AbortSignal): Promise<string> {
  const { services } = await readCluster(http, signal);
  if (services.length === 0) return 'there is no Service left';
  const { name } = random.pick(services);
  await http.delete(servicesPath, name, signal);
  return `Service ${name} is deleted`;
}
