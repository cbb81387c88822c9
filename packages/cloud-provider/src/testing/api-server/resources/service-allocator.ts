import { fieldFault } from '../status.ts';
import type { StatusCause } from '../status.ts';
import type { Allocation, RuleContext } from '../resource.ts';
import { needsClusterIP, needsHealthCheckNodePort, needsNodePort } from './service-defaults.ts';
import type { Mutable, Service, ServicePort, ServiceSpec } from './service-defaults.ts';

const firstNodePort = 30_000;
const lastNodePort = 32_767;
const notInRange = 'provided port is not in the valid range. The range of valid ports is 30000-32767';
const taken = 'provided port is already allocated';

/** The cluster addresses (10.0.0.0/16) and node ports of one server. */
export class ServiceAllocator {
  readonly #addresses = new Set<string>();
  readonly #nodePorts = new Set<number>();

  /** Gives a Service what it needs and has not got. The old version's values count as its own. */
  allocate(object: Service, old: Service | undefined, context: RuleContext): Allocation<Service> {
    const faults: StatusCause[] = [];
    const spec: Mutable<ServiceSpec> = { ...object.spec };
    const held = old === undefined ? { addresses: [], ports: [] } : holdings(old.spec);
    if (needsClusterIP(spec)) this.#giveAddress(spec, { held: held.addresses, faults, context });
    const claimed = new Set<number>(held.ports);
    if (needsNodePort(spec) && spec.ports !== undefined) {
      spec.ports = this.#givePorts(spec.ports, { claimed, faults, context });
    } else if (spec.ports !== undefined) {
      this.#checkPorts(spec.ports, { claimed, faults, context });
    }
    if (needsHealthCheckNodePort(spec)) {
      spec.healthCheckNodePort ??= this.#freePort({ claimed, faults, context });
      if (!claimed.has(spec.healthCheckNodePort) && this.#nodePorts.has(spec.healthCheckNodePort)) {
        faults.push(fieldFault.invalid('spec.healthCheckNodePort', spec.healthCheckNodePort, taken));
      }
    }
    const given: Service = { ...object, spec };
    return {
      object: given,
      faults,
      commit: () => {
        if (old !== undefined) this.release(old);
        const now = holdings(spec);
        for (const address of now.addresses) this.#addresses.add(address);
        for (const port of now.ports) this.#nodePorts.add(port);
      },
    };
  }

  release(object: Service): void {
    const { addresses, ports } = holdings(object.spec);
    for (const address of addresses) this.#addresses.delete(address);
    for (const port of ports) this.#nodePorts.delete(port);
  }

  #giveAddress(
    spec: Mutable<ServiceSpec>,
    work: { held: readonly string[]; faults: StatusCause[]; context: RuleContext },
  ): void {
    const asked = spec.clusterIPs?.[0] ?? spec.clusterIP;
    if (asked === 'None') {
      spec.clusterIP = 'None';
      spec.clusterIPs ??= ['None'];
      const anyFamily = spec.selector === undefined;
      spec.ipFamilies ??= anyFamily ? ['IPv4', 'IPv6'] : ['IPv4'];
      spec.ipFamilyPolicy ??= anyFamily ? 'RequireDualStack' : 'SingleStack';
      return;
    }
    if (spec.ipFamilyPolicy === 'RequireDualStack') {
      const why = 'this cluster is not configured for dual-stack services';
      work.faults.push(fieldFault.invalid('spec.ipFamilyPolicy', 'RequireDualStack', why));
    }
    if (spec.ipFamilies?.[0] === 'IPv6') {
      const why = 'not configured on this cluster';
      work.faults.push(fieldFault.invalid('spec.ipFamilies[0]', 'IPv6', why));
    }
    spec.ipFamilies ??= ['IPv4'];
    spec.ipFamilyPolicy ??= 'SingleStack';
    const address = asked ?? this.#freeAddress(work.context);
    if (!work.held.includes(address)) {
      if (!/^10\.0\.\d+\.\d+$/.test(address)) {
        const why = `failed to allocate IP ${address}: the provided IP (${address}) is not in the valid range. The range of valid IPs is 10.0.0.0/16`;
        work.faults.push(fieldFault.invalid('spec.clusterIPs', [address], why));
      } else if (this.#addresses.has(address)) {
        const why = `failed to allocate IP ${address}: provided IP is already allocated`;
        work.faults.push(fieldFault.invalid('spec.clusterIPs', [address], why));
      }
    }
    spec.clusterIP = address;
    spec.clusterIPs ??= [address];
  }

  #freeAddress(context: RuleContext): string {
    for (;;) {
      const number = 256 + context.random(65_000);
      const address = `10.0.${number >>> 8}.${number & 255}`;
      if (!this.#addresses.has(address)) return address;
    }
  }

  #givePorts(ports: readonly ServicePort[], work: PortWork): readonly ServicePort[] {
    this.#checkPorts(ports, work);
    for (const port of ports) if (port.nodePort !== undefined) work.claimed.add(port.nodePort);
    const shared = new Map<number, number>();
    return ports.map((port) => {
      // One port number offered over two protocols gets one node port.
      const nodePort = port.nodePort ?? shared.get(port.port) ?? this.#freePort(work);
      shared.set(port.port, nodePort);
      work.claimed.add(nodePort);
      return { ...port, nodePort };
    });
  }

  #checkPorts(ports: readonly ServicePort[], work: PortWork): void {
    for (const [index, port] of ports.entries()) {
      if (port.nodePort === undefined || work.claimed.has(port.nodePort)) continue;
      const path = `spec.ports[${index}].nodePort`;
      if (port.nodePort < firstNodePort || port.nodePort > lastNodePort) {
        work.faults.push(fieldFault.invalid(path, port.nodePort, notInRange));
      } else if (this.#nodePorts.has(port.nodePort)) {
        work.faults.push(fieldFault.invalid(path, port.nodePort, taken));
      }
    }
  }

  #freePort(work: PortWork): number {
    const count = lastNodePort - firstNodePort + 1;
    const start = work.context.random(count);
    for (let step = 0; step < count; step += 1) {
      const port = firstNodePort + ((start + step) % count);
      if (!this.#nodePorts.has(port) && !work.claimed.has(port)) return port;
    }
    work.faults.push(fieldFault.invalid('spec.ports', null, 'range is full'));
    return 0;
  }
}

interface PortWork {
  /** Ports that this Service holds already or is about to get. */
  readonly claimed: Set<number>;
  readonly faults: StatusCause[];
  readonly context: RuleContext;
}

function holdings(spec: ServiceSpec): { addresses: readonly string[]; ports: readonly number[] } {
  const ports = (spec.ports ?? []).flatMap((port) => port.nodePort ?? []);
  const addresses = (spec.clusterIPs ?? []).filter((address) => address !== 'None');
  return { addresses, ports: spec.healthCheckNodePort === undefined ? ports : [...ports, spec.healthCheckNodePort] };
}
