import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StagedChart } from './charts.ts';

/** A value of the chart and another one that it may have instead. */
export interface Variation {
  readonly path: string;
  readonly value: unknown;
}

/** What turns everything on that depends on something, so that each value has something to show in. */
export const everythingOn: Readonly<Record<string, unknown>> = {
  'cloudConfig.text': '[Global]',
  'apiServer.host': '10.0.0.1',
  'nodeAgent.enabled': true,
  'webhooks.enabled': true,
  'webhooks.certificateSecret': 'webhook-certificate',
  'webhooks.caBundle': 'PEM',
  'annotationPolicies.enabled': true,
  'metrics.serviceMonitor.enabled': true,
  'metrics.alerts.enabled': true,
  'metrics.dashboard.enabled': true,
  'image.digest': '',
};

/** Where any text, number or list won't do, or another value must be given with it. */
const others: Readonly<Record<string, unknown>> = {
  kind: 'DaemonSet',
  'image.digest': `sha256:${'0'.repeat(64)}`,
  'image.pullPolicy': 'Always',
  controllers: ['cloud-node'],
  clusterCIDRs: ['10.0.0.0/8'],
  mode: 'observe',
  'logging.format': 'json',
  dnsPolicy: 'ClusterFirst',
  'webhooks.names': ['-persistent-volume-labeler', '*'],
  'webhooks.failurePolicy': 'Fail',
  'webhooks.timeoutSeconds': 5,
  'metrics.serviceMonitor.interval': '1m',
  env: [{ name: 'A', value: 'b' }],
  imagePullSecrets: [{ name: 'a' }],
  tolerations: [],
  'nodeAgent.tolerations': [],
};

/** Each value of the chart's with another one. What is in the image is not to be varied. */
export async function variations(chart: StagedChart): Promise<readonly Variation[]> {
  const template = join(chart.folder, 'templates/values-as-json.yaml');
  await writeFile(template, 'values: {{ omit .Values "provider" "global" "cloud-provider" | toJson }}\n');
  try {
    const { stdout, stderr } = await chart.template(['--show-only=templates/values-as-json.yaml']);
    const json = /^values: (.*)$/m.exec(stdout)?.[1];
    assert.ok(json !== undefined, stderr);
    return leaves('', JSON.parse(json) as unknown);
  } finally {
    await rm(template);
  }
}

function leaves(path: string, value: unknown): readonly Variation[] {
  if (path in others) return [{ path, value: others[path] }];
  if (Array.isArray(value)) return [{ path, value: ['another'] }];
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    // Values that hold anything an object of the cluster may have.
    if (entries.length === 0 || /labels$|nodeSelector$|resources$/i.test(path))
      return [{ path, value: { another: 'one' } }];
    return entries.flatMap(([key, below]) => leaves(path === '' ? key : `${path}.${key}`, below));
  }
  if (typeof value === 'boolean') return [{ path, value: !(everythingOn[path] ?? value) }];
  if (typeof value === 'number') return [{ path, value: value + 1 }];
  return [{ path, value: 'another' }];
}
