import { afterAll, describe, it } from '@jest/globals';
import { memoryKindsSubject, memorySubject } from './memory-subject.ts';
import { registerConformance } from './register-conformance.ts';
import { type ConformanceReport, summaryOf } from './report.ts';

const onReport = (report: ConformanceReport): void => void process.stdout.write(`${summaryOf(report)}\n`);

describe.each([memorySubject, memoryKindsSubject])('$name conforms', (subject) => {
  registerConformance(subject, { it, afterAll, onReport });
});
