import { afterAll, describe, expect, it } from '@jest/globals';
import { memoryKindsSubject, memorySubject } from './memory-subject.ts';
import { registerConformance } from './register-conformance.ts';
import { type ConformanceReport, summaryOf } from './report.ts';

const onReport = (report: ConformanceReport): void => {
  process.stdout.write(`${summaryOf(report)}\n`);
  expect(report.undeclared).toEqual([]);
};

describe.each([memorySubject, memoryKindsSubject])('$name conforms', (subject) => {
  registerConformance(subject, { it, afterAll, onReport });
});
