import { afterAll, describe, expect, it } from '@jest/globals';
import { registerConformance, summaryOf } from '@ccm-ts/cloud-provider/conformance';
import { awsSubject } from './test-subject.ts';

describe('AWS conforms', () => {
  registerConformance(awsSubject, {
    it,
    afterAll,
    onReport(report) {
      process.stdout.write(`${summaryOf(report)}\n`);
      expect(report.undeclared).toEqual([]);
    },
  });
});
