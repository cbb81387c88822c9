import { runManager } from '../../manager/run-manager.ts';
import { httpTransport } from '../memory-cloud/client/http-transport.ts';
import { memoryCloudProvider } from '../memory-cloud/memory-cloud-provider.ts';

/** Short, because the time is real; otherwise what the manager in a thread has. */
const flags = [
  '--leader-elect-lease-duration=2s',
  '--leader-elect-renew-deadline=1500ms',
  '--leader-elect-retry-period=400ms',
  '--node-monitor-period=300ms',
  '--node-deletion-confirm-after=500ms',
  '--node-deletion-minimum-age=0s',
  '--controllers=*,node-ipam-controller',
  '--allocate-node-cidrs',
  '--cluster-cidr=10.244.0.0/16',
  '--secure-port=0',
];

/**
 * The executable of a manager for the cloud in memory, made as providers make theirs; run from the source or bundled.
 * `<program> <URL of the API server> <URL of the cloud>` runs until it is killed.
 */
async function run([apiServer = '', cloud = '']: readonly string[]): Promise<number> {
  const { env, stdout, stderr } = process;
  return runManager(
    {
      name: 'memory-cloud-controller-manager',
      version: '0.0.0',
      factory: memoryCloudProvider({ transport: httpTransport(cloud), loadBalancerKinds: 'two' }),
    },
    {
      argv: ['', '', `--master=${apiServer}`, ...flags],
      env,
      stdout,
      stderr,
      on: (signal, listener) => process.on(signal, listener),
      off: (signal, listener) => process.off(signal, listener),
    },
  );
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
