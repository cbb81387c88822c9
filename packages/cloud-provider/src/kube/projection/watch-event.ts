import type { KubernetesObject } from '../../api/object-meta.ts';
import type { WatchEvent } from '../client/kube-client.ts';
import { MalformedWireError } from './malformed-wire-error.ts';

/** Marks the bookmark that ends the initial events of a streaming list. Source: k8s.io/apimachinery meta/v1. */
const initialEventsEndAnnotation = 'k8s.io/initial-events-end';

/** The event for a type of the wire other than ERROR. @throws MalformedWireError for an unknown type */
export function watchEventOf<T>(type: 'BOOKMARK', object: KubernetesObject): WatchEvent<T>;
export function watchEventOf<T>(type: string, object: T): WatchEvent<T>;
export function watchEventOf<T extends KubernetesObject>(type: string, object: T): WatchEvent<T> {
  switch (type) {
    case 'ADDED':
      return { type: 'added', object };
    case 'MODIFIED':
      return { type: 'modified', object };
    case 'DELETED':
      return { type: 'deleted', object };
    case 'BOOKMARK':
      return {
        type: 'bookmark',
        resourceVersion: object.metadata.resourceVersion,
        initialEventsEnd: object.metadata.annotations[initialEventsEndAnnotation] === 'true',
      };
    default:
      throw new MalformedWireError(`not a watch event: its type is ${JSON.stringify(type)}`);
  }
}
