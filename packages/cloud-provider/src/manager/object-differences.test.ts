import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { intentAnnotationPrefix } from '../cloud/create-intent.ts';
import { groupAnnotation, ownAnnotations } from '../cloud/own-annotations.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { doubtfulAddresses } from '../controllers/node/address-condition.ts';
import { machineAbsentTaint } from '../controllers/node-lifecycle/lifecycle-taints.ts';
import { loadBalancerConditions } from '../controllers/service/load-balancer-condition.ts';

const table = readFileSync(join(import.meta.dirname, '../../docs/differences.md'), 'utf8');

/** What no Go manager writes or reads, and users find on their objects, or write there. */
const ours = [
  ...Object.keys(ownAnnotations.definition.annotations),
  groupAnnotation,
  intentAnnotationPrefix,
  clusterStampKey,
  machineAbsentTaint.key,
  doubtfulAddresses,
  ...Object.values(loadBalancerConditions),
];

it.each(ours)('the table of differences tells of %s', (name) => {
  expect(table).toContain(`\`${name}`);
});
