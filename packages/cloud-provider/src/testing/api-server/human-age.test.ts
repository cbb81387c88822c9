import { describe, expect, it } from '@jest/globals';
import { humanAge } from './human-age.ts';

const now = new Date('2026-06-01T00:00:00Z');
const hour = 3600;
const day = 24 * hour;

describe('humanAge', () => {
  it.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [125, '2m5s'],
    [10 * 60 + 5, '10m'],
    [179 * 60, '179m'],
    [3 * hour, '3h'],
    [3 * hour + 120, '3h2m'],
    [9 * hour + 120, '9h'],
    [47 * hour, '47h'],
    [2 * day + hour, '2d1h'],
    [8 * day + hour, '8d'],
    [2 * 365 * day + day, '2y1d'],
    [9 * 365 * day, '9y'],
    [-60, '<invalid>'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(humanAge(new Date(now.getTime() - seconds * 1000).toISOString(), now)).toBe(text);
  });

  it('says that it does not know', () => {
    expect(humanAge(null, now)).toBe('<unknown>');
  });
});
