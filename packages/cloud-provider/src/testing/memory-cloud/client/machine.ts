import type { NodeAddress } from '../../../api/node.ts';
import type { InstanceRecord } from '../cloud/api.ts';

/** A machine of the cloud, as this provider's own code knows it. */
export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly type: string;
  readonly host: string;
  readonly state: 'running' | 'stopped' | 'terminating' | 'terminated';
  readonly addresses: readonly NodeAddress[];
  /** Undefined when it has none and will have none. */
  readonly podRanges: readonly string[] | undefined;
}

export function readMachine(record: InstanceRecord): Machine {
  const { id, name, zone, type, host, podRanges } = record;
  const state = readState(record.state);
  return { id, name, zone, type, host, state, addresses: readAddresses(record), podRanges };
}

function readState(state: InstanceRecord['state']): Machine['state'] {
  switch (state) {
    // On its way up it is as good as there, and while it stops it still runs.
    case 'pending':
    case 'running':
    case 'stopping':
      return 'running';
    case 'stopped':
    case 'terminating':
    case 'terminated':
      return state;
  }
}

function readAddresses(record: InstanceRecord): readonly NodeAddress[] {
  const addresses: NodeAddress[] = [{ type: 'InternalIP', address: record.privateIP }];
  if (record.publicIP !== '') addresses.push({ type: 'ExternalIP', address: record.publicIP });
  addresses.push({ type: 'InternalDNS', address: record.privateDNS });
  return addresses;
}
