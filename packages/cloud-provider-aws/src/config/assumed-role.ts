import type { ConfigFault } from '@ccm-ts/cloud-provider';
import { type GlobalEntries, lastValue } from './global-section.ts';

/** The role that all requests are made as. */
export interface RoleToAssume {
  readonly arn: string;
  /** The account of the role. */
  readonly account: string;
  /** Who asks, for policies against confused deputies; empty when not told. */
  readonly sourceARN: string;
}

/** Reads `RoleARN` and `SourceARN`; undefined to use the credentials as they are found. */
export function readRole(
  global: GlobalEntries,
  fault: (found: Omit<ConfigFault, 'file'>) => void,
): RoleToAssume | undefined {
  const arn = lastValue(global, 'RoleARN');
  const sourceARN = lastValue(global, 'SourceARN');
  if (arn === '') {
    if (sourceARN !== '') {
      fault({ field: '[Global] SourceARN', value: sourceARN, fix: 'it goes with RoleARN: add that, or remove this' });
    }
    return undefined;
  }
  const account = /^arn:[^:]+:iam::(\d{12}):role\/.+$/.exec(arn)?.[1];
  if (account === undefined) {
    fault({ field: '[Global] RoleARN', value: arn, fix: 'write a role such as arn:aws:iam::123456789012:role/name' });
    return undefined;
  }
  if (sourceARN !== '' && !/^arn:[^:\s]+:[^:\s]*:[^:\s]*:[^:\s]*:[\x21-\x7e]+$/.test(sourceARN)) {
    const fix = 'write an ARN such as arn:aws:eks:us-east-1:123456789012:cluster/name';
    fault({ field: '[Global] SourceARN', value: sourceARN, fix });
    return undefined;
  }
  return { arn, account, sourceARN };
}
