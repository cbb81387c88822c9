import { describe, expect, it } from '@jest/globals';
import { managerFlags } from './flags/manager-flags.ts';
import { parseFlags } from './flags/parse-flags.ts';
import { validateManagerFlags } from './validate-manager-flags.ts';

function faults(...argv: string[]): readonly string[] {
  const parsed = parseFlags(managerFlags, argv);
  if (parsed.kind === 'usage') return [parsed.message];
  return validateManagerFlags(parsed.values).map((fault) => `${fault.field}: ${fault.value}: ${fault.fix}`);
}

describe('validateManagerFlags', () => {
  it('finds nothing wrong with the defaults', () => {
    expect(faults()).toEqual([]);
  });

  it.each([
    [
      ['--leader-elect-lease-duration=5s'],
      ['--leader-elect-lease-duration: 5s: write more than --leader-elect-renew-deadline, which is 10s'],
    ],
    [
      ['--leader-elect-retry-period=9s'],
      ['--leader-elect-renew-deadline: 10s: write more than 1.2 times --leader-elect-retry-period, which is 9s'],
    ],
    [['--leader-elect=false', '--leader-elect-retry-period=9s'], []],
    [['--secure-port=70000'], ['--secure-port: 70000: write a port from 1 to 65535, or 0 to serve nothing']],
    [
      ['--tls-cert-file=a.crt'],
      ['--tls-private-key-file: : give it too: --tls-cert-file is given, and they belong together'],
    ],
    [['--controllers=servce'], ['--controllers: servce: "servce" is not a controller; did you mean service?']],
    [['--controllers=*,-cloud-node'], []],
    [['--concurrent-service-syncs=0'], ['--concurrent-service-syncs: 0: write 1 or more']],
    [['--node-status-update-frequency=-1s'], ['--node-status-update-frequency: -1s: write a duration above zero']],
    [['--load-balancer-class=example.org/internal,internal', '--default-load-balancer-class=false'], []],
    [
      ['--load-balancer-class=not a class'],
      ['--load-balancer-class: not a class: "not a class" is no class: write names such as example.org/internal'],
    ],
    [
      ['--default-load-balancer-class=false'],
      [
        '--default-load-balancer-class: false: name a class with --load-balancer-class, or switch the controller off with --controllers=*,-service-lb-controller',
      ],
    ],
    [['--node-name=worker-1.example.org', '--controllers=cloud-node'], []],
    [['--node-name=a,b'], ['--node-name: a,b: write the name of a Node: small letters, digits, - and .']],
    [
      ['--node-name=a', '--controllers=*,-cloud-node'],
      ['--controllers: *,-cloud-node: let it have cloud-node, the only controller that runs under --node-name'],
    ],
    [
      ['--node-name=a', '--enable-leader-migration'],
      ['--enable-leader-migration: true: leave it out: under --node-name there is no election'],
    ],
    [['--logging-format=xml'], ['--logging-format: xml: write text or json']],
  ])('judges %j', (argv, expected) => {
    expect(faults(...argv)).toEqual(expected);
  });

  it('tells all faults at once', () => {
    expect(faults('--secure-port=-1', '--v=-1', '--logging-format=xml')).toHaveLength(3);
  });
});
