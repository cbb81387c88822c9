import { freeText, oneOf } from '../../cloud/annotations/annotation-format.ts';
import { defineAnnotations } from '../../cloud/annotations/define-annotations.ts';

const about = { since: '1.36.0', change: 'followed', source: 'the memory cloud' } as const;

/** What the memory cloud reads from annotations of Services. */
export const memoryAnnotations = defineAnnotations({
  owner: 'memory',
  prefix: 'service.beta.kubernetes.io/memory-lb-',
  territory: String.raw`^service\.beta\.kubernetes\.io/memory-`,
  kinds: ['any'],
  kindChoice: { by: undefined, values: {}, otherwise: 'any' },
  annotations: {
    internal: {
      ...about,
      format: oneOf(['true', 'false']),
      default: 'false',
      sets: 'scheme',
      example: 'true',
      description: 'Whether only the network can reach the load balancer.',
    },
    kind: {
      ...about,
      format: oneOf(['usual', 'express', 'forwarder', 'shared']),
      misfit: 'warned',
      default: 'usual',
      sets: 'the kind of load balancer',
      example: 'express',
      description: 'Which kind of load balancer it is, in a cloud that has several.',
    },
    group: {
      ...about,
      format: freeText('any text'),
      default: 'each has its own',
      sets: 'the forwarder',
      example: 'web',
      description: 'Services of the kind shared with the same text are on one forwarder.',
    },
  },
  rules: [],
});
