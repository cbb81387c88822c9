import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../base/clock.ts';
import { Verbosity } from '../../config/log-verbosity.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { verbositySettings } from './verbosity-settings.ts';

describe('PUT /debug/flags/v', () => {
  it('changes what loggers write that there are already, and refuses what is no number', () => {
    let log = '';
    const verbosity = new Verbosity(0);
    const logger = createLogger({
      format: 'text',
      level: () => verbosity.level,
      levelFor: (name) => (name === 'quiet' ? 'info' : undefined),
      sink: (line) => (log += line),
      clock: systemClock,
    });
    const [child, quiet] = [logger.child({ component: 'a' }), logger.child({ component: 'quiet' })];
    const set = verbositySettings(verbosity, logger)['/debug/flags/v']!;
    child.debug('before');
    expect(set('4')).toMatchObject({ status: 200, body: 'successfully set klog.logging.verbosity to 4\n' });
    child.debug('in between');
    quiet.debug('kept quiet');
    for (const wrong of ['', 'many', '-1', '4\n', '1e3', '9'.repeat(20)])
      expect(set(wrong)).toMatchObject({ status: 400 });
    child.debug('still');
    set('2');
    child.debug('after');
    expect(log).toContain('in between');
    expect(log).toContain('still');
    expect(log).not.toMatch(/before|after|kept quiet/);
  });
});
