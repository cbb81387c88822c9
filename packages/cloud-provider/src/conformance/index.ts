/**
 * The entry for providers' tests: what every provider has to hold, run through the real loops against a cloud of the
 * provider's choice. A provider writes a {@link ConformanceSubject} and registers it with its test runner.
 */
export type { Claim } from './claim.ts';
export type { CaseReport, CaseOutcome, ConformanceReport } from './report.ts';
export { failuresOf, summaryOf } from './report.ts';
export { registerConformance, type TestRunner } from './register-conformance.ts';
export { type ConformanceOptions, type ConformanceRun, prepareConformance, runConformance } from './run-conformance.ts';
export { type ReportContext, junitOf, writeConformanceFiles } from './report-files.ts';
export type {
  AccountObject,
  Awaitable,
  BalancerView,
  ConformanceGround,
  ConformanceSubject,
  ConformanceWorld,
  KindJourney,
  KindSubject,
  ListenerView,
  LoadBalancerYard,
  Machine,
  MachineYard,
  RouteView,
  RouteYard,
  VolumeYard,
  ServiceIdentity,
  SharingSubject,
} from './subject.ts';
export { memorySubject } from './memory-subject.ts';
export { compareWithTable, printCalls, withMeasuredCalls } from './call-budget/call-budget-table.ts';
export { type CallBudget, measureCallBudget, type OperationCounts } from './call-budget/measure-call-budget.ts';
export { writeCallBudget } from './call-budget/write-call-budget.ts';
export { type ForbiddenOptions, type ForbiddenReport, forbidEachOperation } from './forbid-each-operation.ts';
