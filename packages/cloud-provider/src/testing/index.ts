/** The entry for tests: API server, cloud and clock that a test owns. Shipped, because every provider tests with them. */
export { type ApiServer, type ApiServerOptions, startApiServer } from './api-server/api-server.ts';
export type { Fault, FaultTarget, Faults } from './api-server/faults.ts';
export type { ObjectStore } from './api-server/object-store.ts';
export type { LoggedWrite, RequestCounters, WriteLog } from './api-server/request-log.ts';
export { StatusError } from './api-server/status.ts';
export { type DirectGate, directGate } from './direct-gate.ts';
export { FakeClock } from './fake-clock.ts';
export { embeddedTransport } from './memory-cloud/client/embedded-transport.ts';
export { httpTransport } from './memory-cloud/client/http-transport.ts';
export type { Transport } from './memory-cloud/client/transport.ts';
export {
  type CloudSnapshot,
  type ForeignWrite,
  MemoryCloud,
  type MemoryCloudOptions,
} from './memory-cloud/cloud/memory-cloud.ts';
export type { CloudSettings } from './memory-cloud/cloud/settings.ts';
export { type MemoryCloudProviderOptions, memoryCloudProvider } from './memory-cloud/memory-cloud-provider.ts';
export { type SeededRandom, seededRandom } from './seeded-random.ts';
export type { CallCounts, CallLog, CallOutcome, CallRecord } from './memory-cloud/cloud/call-log.ts';
export type { CloudFaults, Fault as CloudFault } from './memory-cloud/cloud/faults.ts';
export { type CloudServer, startCloudServer } from './memory-cloud/cloud/http-server.ts';
export { type Demo, type DemoOptions, startDemo } from './scenario/demo.ts';
export type { ScenarioReport } from './scenario/report.ts';
export type { Scenario, ScenarioProgress } from './scenario/scenario.ts';
export { type CertificateAndKey, type CertificateRequest, issueCertificate } from '../base/certificate.ts';
// For suites that play kubelets, users and judge themselves.
export { ClusterHTTP, ClusterRequestError } from './scenario/cluster-http.ts';
export { readCluster } from './scenario/cluster-state.ts';
export { judge } from './scenario/judge.ts';
export { kubeletNode, loadBalancerService, silentKubeletStatus } from './scenario/manifests.ts';
export { serviceUIDTag } from './memory-cloud/load-balancers/memory-lb/desired.ts';
// The sweeps over any world that can live a life and tell its messages.
export { type CrashPoint, type CrashSweepReport, type MortalWorld, sweepCrashes } from './proofs/crash-sweep.ts';
export {
  type FaultKind,
  type FaultPoint,
  type FaultSweepOptions,
  type FaultSweepReport,
  clusterFaults,
  cloudFaults,
  suffer,
  sweepFaults,
} from './proofs/fault-sweep.ts';
export type { LifeStep } from './proofs/life.ts';
export { type LifeReport, type Live, type LiveOptions, live } from './proofs/live.ts';
export { type ProofReport, printReport } from './proofs/print-report.ts';
export { type Message, type ProofWorld, type Tap, keyOf } from './proofs/world.ts';
