import { describe, expect, it } from '@jest/globals';
import { describeConfigFault } from '../base/config-error.ts';
import { Duration } from '../base/duration.ts';
import { parseConfigFile } from './config-file.ts';
import { configSchema } from './config-schema.ts';
import { managerFlags } from './flags/manager-flags.ts';
import { parseFlags } from './flags/parse-flags.ts';

const head = 'apiVersion: manager.ccm-ts/v1\nkind: ManagerConfiguration\n';

function faults(text: string): readonly string[] {
  const file = parseConfigFile(managerFlags, 'manager.yaml', text);
  return file.kind === 'bad' ? file.faults.map(describeConfigFault) : [];
}

describe('parseConfigFile', () => {
  it('reads every kind of flag, and flags of the command line win', () => {
    const text = `${head}flags:
  cluster-name: blue
  leader-elect: false
  concurrent-service-syncs: 7
  kube-api-qps: 2.5
  node-monitor-period: 1m30s
  controllers: ['*', '-service']
  tls-sni-cert-key: ['a.crt,a.key:*.a', 'b.crt,b.key']
  feature-gates: {ContextualLogging: true}
`;
    const file = parseConfigFile(managerFlags, 'manager.yaml', text);
    if (file.kind === 'bad') throw new Error(file.faults.map(describeConfigFault).join('\n'));
    const parsed = parseFlags(managerFlags, ['--cluster-name=green', '--controllers=route'], file.values);
    if (parsed.kind === 'usage') throw new Error(parsed.message);
    expect(parsed.values).toMatchObject({
      'cluster-name': 'green',
      'leader-elect': false,
      'concurrent-service-syncs': 7,
      'kube-api-qps': 2.5,
      'node-monitor-period': Duration.seconds(90),
      controllers: ['route'],
      'tls-sni-cert-key': ['a.crt,a.key:*.a', 'b.crt,b.key'],
      'feature-gates': { ContextualLogging: 'true' },
      'secure-port': 10258,
    });
    expect(parsed.given).toContain('leader-elect');
    expect(parsed.given).not.toContain('secure-port');
  });

  it('reads JSON', () => {
    expect(faults('{"apiVersion":"manager.ccm-ts/v1","kind":"ManagerConfiguration"}')).toEqual([]);
  });

  it.each([
    ['', 'manager.yaml: (file): "": write YAML or JSON'],
    ['[1', 'manager.yaml: (file): "": write YAML or JSON'],
    ['kind: ManagerConfiguration', 'manager.yaml: apiVersion: "": write manager.ccm-ts/v1'],
    [`${head}more: 1`, 'manager.yaml: more: "": remove it; there is apiVersion, kind, flags'],
    [`${head}flags: [a]`, 'manager.yaml: flags: "[\\"a\\"]": write an object of flags by their names'],
    [
      `${head}flags: {clustername: a}`,
      'manager.yaml: flags.clustername: "": it is no flag that a file may set: did you mean cluster-name?',
    ],
    [`${head}flags: {config: a}`, 'manager.yaml: flags.config: "": it is no flag that a file may set'],
    [`${head}flags: {constructor: a}`, 'manager.yaml: flags.constructor: "": it is no flag that a file may set'],
    [
      `${head}flags: {leader-elect: 'yes'}`,
      'manager.yaml: flags.leader-elect: "yes": write true or false, without quotes',
    ],
    [`${head}flags: {secure-port: 1.5}`, 'manager.yaml: flags.secure-port: "1.5": write a whole number'],
    [
      `${head}flags: {node-monitor-period: 5}`,
      'manager.yaml: flags.node-monitor-period: "5": write a duration such as',
    ],
    [`${head}flags: {controllers: '*'}`, 'manager.yaml: flags.controllers: "*": write a list of texts'],
    [`${head}flags: {feature-gates: [A]}`, 'manager.yaml: flags.feature-gates: "[\\"A\\"]": write an object of'],
  ])('refuses %j', (text, message) => {
    expect(faults(text)[0]).toContain(message);
  });

  it('tells all faults at once', () => {
    expect(faults('apiVersion: 1\nflags: {a: 1, b: 2}')).toHaveLength(4);
  });
});

describe('configSchema', () => {
  it('knows every flag that a file may set, with its type and default', () => {
    const { flags } = configSchema(managerFlags)['properties'] as { flags: { properties: Record<string, object> } };
    expect(Object.keys(flags.properties)).toHaveLength(Object.keys(managerFlags).length - 3);
    expect(flags.properties['leader-elect-lease-duration']).toMatchObject({ type: 'string', default: '15s' });
    expect(flags.properties['secure-port']).toMatchObject({ type: 'integer', default: 10258 });
  });
});
