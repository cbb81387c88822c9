/**
 * The public entry of the library: what a provider implements (the contract), what it is built from, and the application
 * that runs it. Everything else is internal and may change in any release.
 */
export type { Node, NodeAddress, NodeAddressType, NodeCondition, NodeSpec, NodeStatus, Taint } from './api/node.ts';
export type { KubernetesObject, ObjectMeta, ObjectName } from './api/object-meta.ts';
export type {
  Condition,
  LoadBalancerIngress,
  LoadBalancerStatus,
  Service,
  ServicePort,
  ServiceSpec,
  ServiceStatus,
} from './api/service.ts';
export * from './api/well-known.ts';
export { type Clock, systemClock } from './base/clock.ts';
export { type Cidr, parseCidr } from './base/cidr.ts';
export { ConfigError, type ConfigFault, describeConfigFault } from './base/config-error.ts';
export { Duration } from './base/duration.ts';
export { type CallContext, type CallPriority, type Freshness, callPriorities } from './cloud/call-context.ts';
export type { Capabilities, LoadBalancerCapability } from './cloud/capabilities.ts';
export type { CloudCall, CloudCallGate, SendCloudCall } from './cloud/cloud-call-gate.ts';
export { CloudError, type CloudErrorCode, type CloudErrorDetails, toCloudError } from './cloud/cloud-error.ts';
export type {
  CloudProvider,
  CloudProviderFactory,
  ConfiguredProvider,
  DiscoveryContext,
  ProviderConfigInput,
  ProviderContext,
} from './cloud/cloud-provider.ts';
export { type CloudScope, scopeKey } from './cloud/cloud-scope.ts';
export type { ClusterIdentity } from './cloud/cluster-identity.ts';
export { type GuardPolicy, type GuardRefusal, guardOperation } from './cloud/guard.ts';
export type {
  Evidence,
  InstanceMetadata,
  InstanceNeed,
  InstanceState,
  InstanceView,
  Instances,
  NodeClaim,
  NodeName,
  NodeRef,
  PreparePort,
} from './cloud/instances.ts';
export type {
  BackendNode,
  Desire,
  LoadBalancerInput,
  LoadBalancerKind,
  Member,
  MemberResult,
  ServiceEndpoint,
  ServiceEndpoints,
  ServiceRequest,
  ServiceUID,
  Wish,
} from './cloud/load-balancer-kind.ts';
export {
  type AsyncHandle,
  type FieldChange,
  type ItemKey,
  type Operation,
  type OperationObject,
  type OperationOutputs,
  type OperationResult,
  type ResourceKey,
  type Verb,
  describeOperation,
} from './cloud/operation.ts';
export {
  type Ownership,
  type OwnershipEvidence,
  type OwnershipProof,
  clusterStampKey,
  judgeOwnership,
} from './cloud/ownership.ts';
export type { Plan, PlanNext } from './cloud/plan.ts';
export { type CreateIntent, type JournaledCreate, intentsIn, needsJournal } from './cloud/create-intent.ts';
export { OwnerIndex, type KnownCluster, findOrphans } from './cloud/find-orphans.ts';
export type { InventoryItem, InventoryKind, OwnerClaim } from './cloud/inventory.ts';
export type {
  NodeAnswer,
  ProviderController,
  ProviderControllerDeclaration,
  ProviderFlag,
} from './cloud/provider-controller.ts';
export { type Refusal, describeRefusal } from './cloud/refusal.ts';
export { refuseSourceRanges } from './cloud/source-ranges.ts';
export { type RouteWishes, compareRoutes } from './cloud/compare-routes.ts';
export type {
  ObservedRoute,
  Route,
  RouteDifference,
  RouteOperation,
  RouteTarget,
  Routes,
  TargetedRoute,
} from './cloud/routes.ts';
export { suggest } from './config/flags/suggest.ts';
export { type Program, type ProgramHost, runManager } from './manager/run-manager.ts';
export type { LogFields, LogLevel, Logger } from './telemetry/logger.ts';
export { silentLogger } from './telemetry/logger.ts';
// For programs that embed a manager instead of running it as a process of its own.
export { connectKubeClient, type ConnectOptions } from './kube/client/connect.ts';
export type { KubeClient } from './kube/client/kube-client.ts';
export { type LeadershipSettings, Manager, type ManagerEnd, type ManagerOptions } from './manager/manager.ts';
export type { ManagerStatus } from './manager/manager-status.ts';
export { managementRoutes, type ServedManager } from './manager/serving/management-routes.ts';
export { type PageControl, pageActions, statusPageFiles } from './manager/status-page/status-page-routes.ts';
export {
  type Access,
  type Answer,
  type Handler,
  type ManagementRequest,
  type ManagementServer,
  startManagementServer,
} from './manager/serving/management-server.ts';
export { HealthChecks } from './telemetry/health.ts';
export { createLogger, type LoggerOptions } from './telemetry/logger.ts';
export { MetricRegistry } from './telemetry/metrics.ts';
// For loops of a provider's own, and for tests of the machinery against real API servers.
export { createInformer, type EventHandler, type Informer, type InformerOptions } from './kube/informer/informer.ts';
export * as resources from './kube/resources.ts';
// For what is made from declarations: manifests, references, checks.
export { configSchema } from './config/config-schema.ts';
export type { Flag, FlagTable } from './config/flags/flag.ts';
export { managerFlags } from './config/flags/manager-flags.ts';
export { featureGates } from './config/feature-gates.ts';
export { versionMatrix } from './config/version-skew.ts';
export { builtInControllers, type ControllerRegistration } from './manager/controller-registry.ts';
export {
  rarelyUsed,
  type RbacObject,
  rbacObjects,
  type RbacOptions,
  type RbacRule,
  type RbacSubject,
} from './manager/rbac.ts';
export type { PodRanges, PodRangesView } from './cloud/pod-ranges.ts';
export { controllerNames } from './config/controller-names.ts';
export { providerControllers } from './manager/controller-registry.ts';
export { type MetricDeclaration, metricDeclarations } from './telemetry/metric-names.ts';
export {
  type AnnotationAbsence,
  type AnnotationCondition,
  type AnnotationDeclaration,
  type AnnotationEffect,
  type AnnotationRule,
  type Annotations,
  type KindChoice,
  refusedThere,
  withoutEffect,
} from './cloud/annotations/annotation-declaration.ts';
export {
  type AnnotationFinding,
  type AnnotationFindingKind,
  describeAnnotationFinding,
  reasonOfFinding,
  refusalOfFindings,
} from './cloud/annotations/annotation-finding.ts';
export {
  type AnnotationFormat,
  freeText,
  goBoolean,
  goTruthPattern,
  listOf,
  notBlank,
  notEmpty,
  oneOf,
  pairsOf,
  splitItems,
  verbatimText,
  wholeNumber,
} from './cloud/annotations/annotation-format.ts';
export {
  type AnnotationDefinition,
  type AnnotationRegistry,
  type AnyAnnotationRegistry,
  defineAnnotations,
  isAbsence,
  placeOn,
} from './cloud/annotations/define-annotations.ts';
export type {
  AdmissionOperation,
  AdmissionRequest,
  AdmissionVerdict,
  JsonPatchOperation,
  ProviderWebhook,
  WebhookDeclaration,
  WebhookRule,
} from './cloud/provider-webhook.ts';
export type { VolumePlace, VolumeRef, Volumes, VolumeSource } from './cloud/volumes.ts';
export { allWebhooks, type KnownWebhooks, volumeLabelerDeclaration } from './config/webhook-names.ts';
export {
  type WebhookConfiguration,
  type WebhookConfigurationOptions,
  webhookConfigurations,
} from './manager/webhooks/webhook-configuration.ts';
export { type PolicyObject, annotationPolicies } from './cloud/annotations/annotation-policy.ts';
export { annotationSchema } from './cloud/annotations/annotation-schema.ts';
export { type Remark, remarksOf } from './cloud/remark.ts';
export { runProgram } from './cli/run-program.ts';
export {
  type ConditionDeclaration,
  conditionDeclarations,
  type EventDeclaration,
  eventDeclarations,
} from './telemetry/event-names.ts';
export type { Spending, SpendingFacts } from './cloud/spending.ts';
export type { CloudFinding } from './cloud/cloud-finding.ts';
export type { PlannedWrites, QuotaUse } from './cloud/quotas.ts';
