import { describe, expect, it } from '@jest/globals';
import { volumeLabelerDeclaration } from '../../config/webhook-names.ts';
import { webhookConfigurations } from './webhook-configuration.ts';

describe('webhookConfigurations', () => {
  it('makes an API server ask by a Service, and go on without an answer', () => {
    const options = {
      name: 'manager',
      webhooks: [volumeLabelerDeclaration],
      reachedBy: { kind: 'service', namespace: 'kube-system', name: 'manager', port: 10_260 },
      authority: 'PEM',
    } as const;
    expect(webhookConfigurations(options)).toEqual([
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'manager' },
        webhooks: [
          {
            name: 'persistent-volume-labeler.webhooks.ccm-ts',
            clientConfig: {
              service: {
                namespace: 'kube-system',
                name: 'manager',
                path: '/persistent-volume-labeler',
                port: 10_260,
              },
              caBundle: 'UEVN',
            },
            rules: [
              {
                apiGroups: [''],
                apiVersions: ['v1'],
                resources: ['persistentvolumes'],
                operations: ['CREATE'],
                scope: '*',
              },
            ],
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            failurePolicy: 'Ignore',
            timeoutSeconds: 10,
          },
        ],
      },
    ]);
  });

  it('parts those that change from those that only judge', () => {
    const judging = { ...volumeLabelerDeclaration, name: 'judge', path: '/judge', kind: 'validating' } as const;
    const kinds = webhookConfigurations({
      name: 'manager',
      webhooks: [judging, volumeLabelerDeclaration],
      reachedBy: { kind: 'url', base: 'https://127.0.0.1:10260' },
      authority: 'PEM',
    }).map(({ kind }) => kind);
    expect(kinds).toEqual(['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']);
  });
});
