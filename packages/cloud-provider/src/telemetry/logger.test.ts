import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../base/duration.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { type LogFields, type LogLevel, createLogger, silentLogger } from './logger.ts';

function recording(format: 'text' | 'json', level: LogLevel = 'info') {
  const lines: string[] = [];
  const clock = new FakeClock(new Date('2026-11-21T14:42:44.123Z'));
  const logger = createLogger({ format, level, clock, sink: (line) => lines.push(line) });
  return { lines, logger };
}

/** The fields of one line in JSON. */
function logged(fields: LogFields): Record<string, unknown> {
  const { lines, logger } = recording('json');
  logger.info('m', fields);
  return JSON.parse(lines[0]!) as Record<string, unknown>;
}

describe('text lines', () => {
  it("have klog's form", () => {
    const { lines, logger } = recording('text');
    logger.info('Synced node', {
      node: 'a"b',
      addresses: ['10.0.0.1'],
      count: 3,
      ready: true,
      wait: Duration.seconds(90),
    });
    logger.warn('Slow');
    logger.error('Failed', { err: new Error('no route', { cause: new Error('ECONNREFUSED') }) });
    const pid = String(process.pid).padStart(7);
    expect(lines).toEqual([
      `I1121 14:42:44.123000 ${pid} ccm.ts:1] "Synced node" node="a\\"b" addresses=["10.0.0.1"] count=3 ready=true wait="1m30s"\n`,
      `W1121 14:42:44.123000 ${pid} ccm.ts:1] "Slow"\n`,
      `E1121 14:42:44.123000 ${pid} ccm.ts:1] "Failed" err="no route: ECONNREFUSED"\n`,
    ]);
    // The parser of klog's own tests and of most log shippers.
    for (const line of lines) expect(line).toMatch(/^[IWEF]\d{4} \d{2}:\d{2}:\d{2}\.\d{6} +\d+ [^:\]]+:\d+\] /);
  });
});

describe('JSON lines', () => {
  it('have the form of Kubernetes and only errors lack a verbosity', () => {
    const { lines, logger } = recording('json', 'debug');
    logger.debug('looked');
    logger.error('failed', { msg: 'set apart', err: new Error('x') });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ts: 1795272164123, level: 'debug', msg: 'looked', v: 4 },
      { ts: 1795272164123, level: 'error', msg: 'failed', 'field.msg': 'set apart', err: 'x' },
    ]);
  });
});

describe('levels and children', () => {
  it('drops what is below the level', () => {
    const { lines, logger } = recording('text', 'warn');
    logger.debug('no');
    logger.info('no');
    logger.warn('yes');
    logger.error('yes');
    expect(lines).toHaveLength(2);
  });

  it('gives every line of a child its fields, and the own field wins', () => {
    const { lines, logger } = recording('json');
    logger.child({ controller: 'node', node: 'a' }).child({ worker: 1 }).info('m', { node: 'b' });
    expect(JSON.parse(lines[0]!)).toMatchObject({ controller: 'node', worker: 1, node: 'b' });
  });

  it('can be silent', () => {
    expect(() => silentLogger.child({ a: 1 }).error('nothing')).not.toThrow();
  });
});

describe('secrets', () => {
  it.each([
    'token',
    'bearerToken',
    'password',
    'dbPasswd',
    'clientSecret',
    'Authorization',
    'credentials',
    'private_key',
    'apiKey',
    'accessKeyId',
    'Cookie',
  ])('are not in a field named %s, on the surface or deep', (name) => {
    expect(logged({ [name]: 'hunter2' })).toMatchObject({ [name]: '[redacted]' });
    expect(JSON.stringify(logged({ headers: new Map([[name, ['hunter2']]]) }))).not.toContain('hunter2');
    const { lines, logger } = recording('text');
    logger.child({ request: [{ [name]: { value: 'hunter2' } }] }).info('m');
    expect(lines.join()).not.toContain('hunter2');
  });

  it('are cut out of texts and errors', () => {
    const line = JSON.stringify(
      logged({
        header: 'Bearer abc.def-123',
        err: new Error('GET https://user:hunter2@cloud.example/v1 failed', { cause: 'bearer abc.def-123' }),
      }),
    );
    expect(line).not.toMatch(/hunter2|abc\.def/);
    expect(line).toContain('cloud.example/v1 failed');
  });
});

describe('hostile values', () => {
  it('cannot forge a line or reach the terminal', () => {
    const evil = 'a\nE0101 00:00:00.000000 1 x.go:1] "forged"\r\u001b[2J\u0000\u009b31m\u2028\u202e';
    for (const format of ['text', 'json'] as const) {
      const { lines, logger } = recording(format);
      logger.info(evil, { [evil]: evil, nested: { [evil]: [evil] }, err: new Error(evil) });
      expect(lines).toHaveLength(1);
      expect(lines[0]!.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
    }
  });

  it('never throw out of the logger', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const throwing = Object.defineProperty({}, 'boom', {
      enumerable: true,
      get: () => {
        throw new Error('boom');
      },
    });
    expect(
      logged({ cyclic, throwing, big: 10n, no: undefined, nan: Number.NaN, at: new Date(0), f: expect }),
    ).toMatchObject({ throwing: '[unreadable: Error: boom]', big: '10', nan: 'NaN', at: '1970-01-01T00:00:00.000Z' });
    const broken = createLogger({
      format: 'text',
      level: 'info',
      clock: new FakeClock(),
      sink: () => {
        throw new Error('EPIPE');
      },
    });
    expect(() => broken.error('lost')).not.toThrow();
  });

  it('are cut when they are long', () => {
    const { text, list } = logged({ text: 'x'.repeat(100_000), list: Array.from({ length: 5000 }, () => 1) });
    expect((text as string).length).toBeLessThan(9000);
    expect((list as unknown[]).length).toBe(101);
  });

  it('always make exactly one parsable line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.dictionary(fc.string({ unit: 'binary' }), fc.anything()),
        (message, fields) => {
          const { lines, logger } = recording('json');
          logger.info(message, fields);
          expect(lines).toHaveLength(1);
          expect(lines[0]!.endsWith('\n')).toBe(true);
          expect((JSON.parse(lines[0]!) as { msg: string }).msg).toBe(message);
        },
      ),
    );
  });
});
