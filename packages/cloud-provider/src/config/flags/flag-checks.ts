import type { Duration } from '../../base/duration.ts';

/* Judges of single values: undefined when the value is good, else what to write instead. */

export const atLeastOne = (value: number): string | undefined => (value >= 1 ? undefined : 'write 1 or more');

export const notNegative = (value: number): string | undefined => (value >= 0 ? undefined : 'write 0 or more');

export const aPercentage = (value: number): string | undefined =>
  value >= 0 && value <= 100 ? undefined : 'write a percentage from 0 to 100';

export const aPort = (value: number): string | undefined =>
  value >= 0 && value <= 65_535 ? undefined : 'write a port from 1 to 65535, or 0 to serve nothing';

export const positive = (value: Duration): string | undefined =>
  value.milliseconds > 0 ? undefined : 'write a duration above zero';

export const zeroOrLonger = (value: Duration): string | undefined =>
  value.milliseconds >= 0 ? undefined : 'write a duration of zero or more';

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const isSubdomain = (value: string): boolean => value.length <= 253 && subdomain.test(value);

/** Empty is good too: no name. Source: k8s.io/apimachinery pkg/util/validation, IsDNS1123Subdomain. */
export const aNodeName = (value: string): string | undefined =>
  value === '' || isSubdomain(value) ? undefined : 'write the name of a Node: small letters, digits, - and .';

/** Source: k8s.io/apimachinery pkg/util/validation, IsDNS1123Subdomain. */
export const anObjectName = (value: string): string | undefined =>
  isSubdomain(value) ? undefined : 'write a name: small letters, digits, - and .';

/** Source: k8s.io/apimachinery pkg/util/validation, IsDNS1123Label. */
export const aNamespace = (value: string): string | undefined =>
  value.length <= 63 && !value.includes('.') && isSubdomain(value)
    ? undefined
    : 'write the name of a namespace: small letters, digits and -';
