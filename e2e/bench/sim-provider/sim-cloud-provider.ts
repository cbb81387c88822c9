import type { CloudProviderFactory } from '@ccm-ts/cloud-provider';
import { CloudsimClient } from './cloudsim-client.ts';
import { simInstances } from './sim-instances.ts';
import { simLoadBalancer } from './sim-load-balancer.ts';

/** The variable that holds cloudsim's URL. */
export const cloudsimVariable = 'CLOUDSIM_URL';

/** A provider for the simulated cloud of the benchmarks, as plain as the one that the Go framework's manager gets. */
export const simCloudProvider: CloudProviderFactory = {
  name: 'sim',
  configure: ({ environment }) => ({
    connect: ({ gate }) => {
      const client = new CloudsimClient(environment[cloudsimVariable] ?? '', gate);
      return {
        name: 'sim',
        capabilities: { instances: true, loadBalancers: ['tcp'], routes: false },
        instances: simInstances(client),
        loadBalancers: [simLoadBalancer(client)],
        probe: async () => undefined,
        close: () => client.close(),
      };
    },
  }),
};
