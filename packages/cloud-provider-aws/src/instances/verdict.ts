import type { InstanceView } from '@ccm-ts/cloud-provider';
import type { Instance } from '../client/ec2-port.ts';

/** What looking for one machine gave: an instance that is not terminated, or what the framework is told instead. */
export type Verdict =
  | { readonly kind: 'found'; readonly instance: Instance; readonly requestID: string }
  | Extract<InstanceView, { kind: 'absent' | 'ambiguous' | 'foreign' | 'unknown' }>;
