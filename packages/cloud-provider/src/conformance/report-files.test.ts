import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { junitOf, writeConformanceFiles } from './report-files.ts';
import { type ConformanceReport, failuresOf, summaryOf } from './report.ts';

const report: ConformanceReport = {
  subject: 'some-cloud',
  startedAt: new Date('2026-01-01T00:00:00.700Z'),
  finishedAt: new Date('2026-01-01T00:01:40.100Z'),
  undeclared: ['fast: udp'],
  cases: [
    { title: 'a: holds', group: 'faults', seconds: 1.5, outcome: { kind: 'passed' } },
    {
      title: 'b: <fails>',
      group: 'faults',
      seconds: 2,
      outcome: { kind: 'failed', message: 'it is "gone" & \u0000 over' },
    },
    { title: 'c: routes', group: 'routes', seconds: 0, outcome: { kind: 'notClaimed', claims: ['routes'] } },
    { title: 'd: stops', group: 'lifecycle', seconds: 0, outcome: { kind: 'notOffered', message: 'it never stops' } },
  ],
};

describe('junitOf', () => {
  it('makes one row of each case, and holds nothing that XML can’t', () => {
    expect(junitOf(report)).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites>',
        '<testsuite name="some-cloud" tests="4" failures="1" errors="0" skipped="2" time="99.4" timestamp="2026-01-01T00:00:00">',
        '<testcase classname="some-cloud" name="a: holds" time="1.5"/>',
        '<testcase classname="some-cloud" name="b: &lt;fails&gt;" time="2"><failure message="it is &quot;gone&quot; &amp;  over">it is &quot;gone&quot; &amp;  over</failure></testcase>',
        '<testcase classname="some-cloud" name="c: routes" time="0"><skipped message="not claimed: routes"/></testcase>',
        '<testcase classname="some-cloud" name="d: stops" time="0"><skipped message="it never stops"/></testcase>',
        '</testsuite>',
        '</testsuites>',
        '',
      ].join('\n'),
    );
  });
});

describe('writeConformanceFiles', () => {
  it('leaves what a grid of test results reads', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    try {
      await writeConformanceFiles(report, folder, { commit: 'abc', metadata: { kubernetes: '1.36' } });
      const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), 'utf8'));
      expect(await read('started.json')).toEqual({ timestamp: 1_767_225_600, 'repo-commit': 'abc' });
      expect(await read('finished.json')).toEqual({
        timestamp: 1_767_225_700,
        passed: false,
        result: 'FAILURE',
        revision: 'abc',
        metadata: { subject: 'some-cloud', undeclared: 'fast: udp', kubernetes: '1.36' },
      });
      expect(await readFile(join(folder, 'artifacts', 'junit_conformance.xml'), 'utf8')).toBe(junitOf(report));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a report', () => {
  it('says what failed, and counts the rest', () => {
    expect(failuresOf(report)).toEqual(['b: <fails>: it is "gone" & \u0000 over']);
    expect(JSON.parse(summaryOf(report))).toEqual({
      proof: 'conformance',
      subject: 'some-cloud',
      points: 4,
      passed: 1,
      failed: 1,
      notClaimed: 1,
      notOffered: 1,
      undeclared: ['fast: udp'],
    });
  });
});
