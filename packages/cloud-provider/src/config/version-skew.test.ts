import { describe, expect, it } from '@jest/globals';
import { judgeVersionSkew, versionMatrix } from './version-skew.ts';

const served = new Set<string>(versionMatrix.needs);

describe('judgeVersionSkew', () => {
  it.each([
    ['v1.36.3', 'supported'],
    ['v1.33.0', 'supported'],
    ['1.37.0-alpha.1', 'supported'],
    ['v1.35.4+k3s1', 'supported'],
    ['v1.32.9', 'outOfRange'],
    ['v1.40.0', 'outOfRange'],
    ['', 'unknown'],
    ['v2.0.0', 'unknown'],
  ])('%s is %s', (gitVersion, kind) => {
    expect(judgeVersionSkew({ gitVersion, groupVersions: served }).kind).toBe(kind);
  });

  it('names what a server lacks', () => {
    const groupVersions = new Set([...served].filter((each) => each !== 'events.k8s.io/v1'));
    expect(judgeVersionSkew({ gitVersion: 'v1.36.0', groupVersions })).toEqual({
      kind: 'unusable',
      message: 'the API server v1.36.0 does not serve events.k8s.io/v1, which is needed',
    });
  });

  it('includes its own minor in the matrix', () => {
    expect(versionMatrix.apiServers.map(({ minor }) => minor)).toContain(versionMatrix.release);
  });
});
