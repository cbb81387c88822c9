import type { Refusal, ServicePort } from '@ccm-ts/cloud-provider';
import { refuseAnnotation } from '../../annotations.ts';
import { type Annotations, awsAnnotations } from '../../annotations/aws-annotations.ts';
import type { ClassicListener } from '../../client/classic-elb-port.ts';

export type ChosenListeners = { readonly kind: 'listeners'; readonly listeners: readonly ClassicListener[] } | Refusal;

/** What clients speak when the nodes speak the key. */
const frontProtocols: Readonly<Record<string, string>> = { http: 'https', https: 'https', ssl: 'ssl', tcp: 'ssl' };

/** One listener for each port, as the Go manager (v1.36) chooses them. */
export function chooseListeners(ports: readonly ServicePort[], annotations: Annotations): ChosenListeners {
  const certificate = awsAnnotations.read(annotations, 'ssl-cert') ?? '';
  const backend = annotations[awsAnnotations.keyOf('backend-protocol')] ?? '';
  const encrypted = certificate === '' ? () => false : portFilter(awsAnnotations.read(annotations, 'ssl-ports') ?? []);
  const listeners: ClassicListener[] = [];
  for (const port of ports) {
    const base = { port: port.port, instancePort: port.nodePort };
    if (!encrypted(port)) {
      const protocol = backend === 'http' ? 'http' : 'tcp';
      listeners.push({ ...base, protocol, instanceProtocol: protocol, certificate: '' });
      continue;
    }
    const front = frontProtocols[backend === '' ? 'tcp' : backend];
    if (front === undefined) {
      return refuseAnnotation(annotations, 'backend-protocol', 'write http, https, ssl or tcp');
    }
    listeners.push({ ...base, protocol: front, instanceProtocol: backend === '' ? 'tcp' : backend, certificate });
  }
  return { kind: 'listeners', listeners };
}

/** Whether two listeners are the same to AWS, which answers in upper case. */
export function isSameListener(a: ClassicListener, b: ClassicListener): boolean {
  const key = (listener: ClassicListener): string =>
    [listener.port, listener.protocol, listener.instancePort, listener.instanceProtocol, listener.certificate]
      .join(' ')
      .toLowerCase();
  return key(a) === key(b);
}

/** Whether AWS decrypts what comes in at the listener. */
export function isEncrypted({ protocol }: ClassicListener): boolean {
  return ['https', 'ssl'].includes(protocol.toLowerCase());
}

/** Blanks and case don't matter; in the Go manager an item with either matches nothing. */
function portFilter(written: readonly string[]): (port: ServicePort) => boolean {
  const items = written.map((item) => item.toLowerCase());
  if (items.length === 0 || items.includes('*')) return () => true;
  return ({ port, name }) => items.includes(String(port)) || items.includes(name.toLowerCase());
}
