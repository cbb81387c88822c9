import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerReview, parseAdmissionReview } from './admission-review.ts';

const review = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u-1',
    kind: { group: '', version: 'v1', kind: 'PersistentVolume' },
    resource: { group: '', version: 'v1', resource: 'persistentvolumes' },
    name: 'pv-1',
    operation: 'CREATE',
    userInfo: { username: 'jane', groups: ['people', 7] },
    object: { metadata: { name: 'pv-1' } },
    oldObject: null,
    dryRun: true,
  },
};

function parse(change: object, request: object = {}) {
  return parseAdmissionReview(JSON.stringify({ ...review, request: { ...review.request, ...request }, ...change }));
}

describe('parseAdmissionReview', () => {
  it('reads what the API server sends', () => {
    expect(parse({})).toEqual({
      kind: 'review',
      request: {
        uid: 'u-1',
        kind: review.request.kind,
        resource: review.request.resource,
        subResource: '',
        name: 'pv-1',
        namespace: '',
        operation: 'CREATE',
        user: { name: 'jane', groups: ['people'] },
        object: { metadata: { name: 'pv-1' } },
        oldObject: undefined,
        dryRun: 'yes',
      },
    });
  });

  it.each([
    ['', 'empty'],
    [' \n', 'empty'],
    ['{', 'not JSON'],
    ['[]', 'no AdmissionReview'],
    ['null', 'no AdmissionReview'],
    ['"AdmissionReview"', 'no AdmissionReview'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'no AdmissionReview'],
  ])('says what is wrong with a body', (text, reason) => {
    expect(parseAdmissionReview(text)).toEqual({ kind: 'malformed', reason: expect.stringContaining(reason) });
  });

  it.each([
    [{ kind: 'Status' }, {}, 'no AdmissionReview'],
    [{ apiVersion: 'admission.k8s.io/v1beta1' }, {}, 'set admissionReviewVersions: ["v1"]'],
    [{ apiVersion: 1 }, {}, 'only admission.k8s.io/v1'],
    [{ request: undefined }, {}, 'has no request'],
    [{ request: [] }, {}, 'has no request'],
    [{}, { uid: '' }, 'has no uid'],
    [{}, { operation: 'create' }, 'request.operation'],
    [{}, { kind: 'PersistentVolume' }, 'no kind or no resource'],
  ])('says what is wrong with a review: %j %j', (change, request, reason) => {
    expect(parse(change, request)).toEqual({ kind: 'malformed', reason: expect.stringContaining(reason) });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (request, other) => {
        parseAdmissionReview(JSON.stringify({ ...review, request }));
        parse({}, { userInfo: other, kind: other, resource: other, name: other });
      }),
    );
  });
});

describe('answerReview', () => {
  it('allows, with patch and warnings where there are any', () => {
    expect(JSON.parse(answerReview('u-1', { kind: 'allowed' }))).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'u-1', allowed: true },
    });
    const patch = [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }] as const;
    const { response } = JSON.parse(answerReview('u-1', { kind: 'allowed', patch, warnings: ['mind'] })) as {
      response: { patch: string };
    };
    expect(response).toMatchObject({ patchType: 'JSONPatch', warnings: ['mind'] });
    expect(JSON.parse(Buffer.from(response.patch, 'base64').toString())).toEqual(patch);
  });

  it('refuses with a message', () => {
    expect(JSON.parse(answerReview('u-1', { kind: 'refused', message: 'no' }))).toMatchObject({
      response: { uid: 'u-1', allowed: false, status: { code: 403, message: 'no' } },
    });
  });
});
