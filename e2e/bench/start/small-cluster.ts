import { Account } from '../../aws/account.ts';
import { Cluster } from '../../aws/cluster.ts';
import { eventually } from '../../aws/eventually.ts';
import { startMoto } from '../../aws/moto.ts';
import { type RealApiServer, startKubeApiServer } from '../../kube-apiserver/start.ts';
import { Kubectl, kubeconfigVariable, kubectlVariable } from '../../kubectl/kubectl.ts';
import { type ManagerProgram, startManager, type Surroundings } from './managers.ts';

/** How large a small cluster is. */
export const smallCluster = { nodes: 10, services: 3 } as const;

export interface SmallCluster extends AsyncDisposable {
  readonly surroundings: Surroundings;
  readonly version: string;
}

/** A real API server and an emulated AWS, with nodes that are initialised and load balancers that are there. */
export async function startSmallCluster(
  program: ManagerProgram,
  progress: (line: string) => void,
): Promise<SmallCluster> {
  await using stack = new AsyncDisposableStack();
  const moto = stack.use(await startMoto(progress, 'repaired'));
  const server: RealApiServer = stack.use(await startKubeApiServer({ progress }));
  using kubectl = new Kubectl({ [kubeconfigVariable]: server.kubeconfig, [kubectlVariable]: server.kubectl });
  using account = new Account(moto.url);
  const cluster = new Cluster(kubectl);
  const network = await account.createNetwork();
  const surroundings = { kubeconfig: server.kubeconfig, endpoint: moto.url, network };
  for (let number = 0; number < smallCluster.nodes; number++) {
    const machine = await account.launch(network, number);
    await cluster.join(machine.privateDnsName, machine);
  }
  for (let number = 0; number < smallCluster.services; number++) {
    await cluster.apply(`service-${number}`, { spec: { ports: [{ port: 80 }] } });
  }
  await using manager = await startManager(program, surroundings, 'first');
  await eventually(async () => {
    const nodes = [...(await cluster.nodes()).values()];
    const waiting = nodes.filter(({ spec }) => spec.providerID === undefined);
    const services = [...(await cluster.services()).values()];
    const served = services.filter(({ status }) => status.loadBalancer.ingress !== undefined);
    if (waiting.length > 0 || served.length < smallCluster.services) throw new Error('the cluster is not settled');
  }, manager.ended);
  const kept = stack.move();
  return { surroundings, version: server.version, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
