import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { parseMemoryCloudConfig } from './config.ts';

const parse = (text: string) => parseMemoryCloudConfig({ path: 'cloud.json', text });

describe('parseMemoryCloudConfig', () => {
  it('has defaults for everything', () => {
    expect(parseMemoryCloudConfig(undefined)).toEqual(parse('{}'));
    expect(parse('{}')).toMatchObject({ endpoint: '', account: 'memory', region: 'memory-1' });
  });

  it('reads every field', () => {
    const text =
      '{"endpoint":"http://127.0.0.1:1","account":"a","region":"r","consistencyWindow":"3s","factsMaxAge":"1m"}';
    expect(parse(text)).toEqual({
      endpoint: 'http://127.0.0.1:1',
      account: 'a',
      region: 'r',
      consistencyWindow: Duration.seconds(3),
      factsMaxAge: Duration.minutes(1),
    });
  });

  it('tells all faults at once, each with file, field, value and fix', () => {
    expect(() => parse('{"endpoint":"nowhere","region":7,"factsMaxAge":"soon","colour":"red"}')).toThrow(
      [
        'cloud.json: endpoint: "nowhere": a URL such as http://127.0.0.1:8080',
        'cloud.json: region: "7": a name that is not empty',
        'cloud.json: factsMaxAge: "soon": a duration such as 30s',
        'cloud.json: colour: "": there is no such field, there are endpoint, account, region, consistencyWindow, factsMaxAge',
      ].join('\n'),
    );
  });

  it.each(['', 'endpoint=x', '[]', 'null'])('refuses a file that is %j', (text) => {
    expect(() => parse(text)).toThrow('one JSON object');
  });
});
