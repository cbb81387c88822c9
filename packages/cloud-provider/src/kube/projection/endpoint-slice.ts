import type { Endpoint, EndpointConditions, EndpointPort, EndpointSlice } from '../../api/endpoint-slice.ts';
import { objectMetaProjection } from './object-meta.ts';
import { int, list, message, nested, optionalBool, string, stringList } from './projection.ts';

const conditions = message<EndpointConditions>({
  ready: optionalBool(1),
  serving: optionalBool(2),
  terminating: optionalBool(3),
});

const endpoint = message<Endpoint>({
  addresses: stringList(1),
  conditions: nested(2, conditions),
  nodeName: string(6),
  zone: string(7),
});

const port = message<EndpointPort>({ name: string(1), protocol: string(2), port: int(3), appProtocol: string(4) });

/** Numbers: k8s.io/api/discovery/v1/generated.proto. */
export const endpointSliceProjection = message<EndpointSlice>({
  metadata: nested(1, objectMetaProjection),
  addressType: string(4),
  endpoints: list(2, endpoint),
  ports: list(3, port),
});
