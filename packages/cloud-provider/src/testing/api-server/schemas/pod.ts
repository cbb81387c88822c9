import { field, open, struct } from '../schema.ts';
import { objectMeta } from './meta.ts';

// Source: k8s.io/api core/v1, v0.36.

export const pod = struct('Pod', {
  metadata: field(1, objectMeta, { required: true }),
  spec: field(2, open, { required: true }),
  status: field(3, open, { required: true }),
});
