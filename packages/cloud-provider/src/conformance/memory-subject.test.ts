import { afterAll, describe, it } from '@jest/globals';
import { memorySubject } from './memory-subject.ts';
import { registerConformance } from './register-conformance.ts';
import { summaryOf } from './report.ts';

describe('the memory cloud conforms', () => {
  registerConformance(memorySubject, {
    it,
    afterAll,
    onReport: (report) => void process.stdout.write(`${summaryOf(report)}\n`),
  });
});
