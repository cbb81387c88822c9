import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../telemetry/logger.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { levelOfVerbosity, levelsByName } from './log-verbosity.ts';

describe('--vmodule', () => {
  it.each([
    ['', 'service-lb-controller', undefined],
    ['service-lb-controller=4', 'service-lb-controller', 'debug'],
    ['service*=5', 'service-lb-controller', 'debug'],
    ['service_lb_controller=5', 'service-lb-controller', 'debug'],
    ['*-controller=2,leader*=9', 'leader-election', 'debug'],
    ['*=0,leader*=9', 'leader-election', 'info'],
    ['service=9', 'service-lb-controller', undefined],
    ['node?=9', 'nodes', 'debug'],
    ['a.b=9', 'axb', undefined],
  ])('%j makes %s %s', (vmodule, name, level) => {
    expect(levelsByName(vmodule)(name)).toBe(level);
  });

  it('counts for the lines of what it names alone, more or less than -v', () => {
    let log = '';
    const logger = createLogger({
      format: 'text',
      level: levelOfVerbosity(0),
      levelFor: levelsByName('service*=4'),
      sink: (line) => (log += line),
      clock: new FakeClock(),
    });
    logger.debug('of all');
    logger.child({ controller: 'cloud-node-controller' }).debug('of nodes');
    const ofServices = logger.child({ controller: 'service-lb-controller' });
    ofServices.debug('of services');
    ofServices.child({ service: 'default/web' }).debug('of one service');
    expect([...log.matchAll(/"(of [^"]+)"/g)].map(([, text]) => text)).toEqual(['of services', 'of one service']);
  });
});
