import { afterAll, describe, it } from '@jest/globals';
import { registerConformance, summaryOf } from '@ccm-ts/cloud-provider/conformance';
import { awsSubject } from './test-subject.ts';

describe('AWS conforms', () => {
  registerConformance(awsSubject, {
    it,
    afterAll,
    onReport: (report) => void process.stdout.write(`${summaryOf(report)}\n`),
  });
});
