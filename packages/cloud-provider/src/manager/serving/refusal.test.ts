import { describe, expect, it } from '@jest/globals';
import { refuse } from './refusal.ts';

const forbidden = { kind: 'forbidden', user: 'ja"ne', verb: 'get', path: '/metrics' } as const;

describe('refuse', () => {
  it.each([
    ['', 'Prometheus/3', 1],
    ['', 'curl/8.1', 10],
    ['', 'Mozilla/5.0 (X11)', 10],
    ['pretty=true', '', 10],
    ['pretty=0', 'curl/8.1', 1],
    ['pretty', '', 1],
  ])('writes for a reader who asks with %j as %j on %d lines', (query, userAgent, lines) => {
    const answer = refuse(forbidden, { query: new URLSearchParams(query), userAgent });
    expect(answer.status).toBe(403);
    const body = answer.body as string;
    expect(body.trimEnd().split('\n')).toHaveLength(lines);
    expect(JSON.parse(body)).toMatchObject({ reason: 'Forbidden', message: expect.stringContaining('User "ja\\"ne"') });
  });

  it('says nothing of what is missing to one who is not known', () => {
    const answer = refuse({ kind: 'unauthorized' }, { query: new URLSearchParams(), userAgent: '' });
    expect(answer).toMatchObject({ status: 401, contentType: 'application/json' });
    expect(JSON.parse(answer.body as string)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    });
  });
});
