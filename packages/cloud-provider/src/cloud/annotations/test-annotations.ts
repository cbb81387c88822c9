import { refusedThere, withoutEffect } from './annotation-declaration.ts';
import { goBoolean, goTruthPattern, listOf, notBlank, oneOf, wholeNumber } from './annotation-format.ts';
import { defineAnnotations } from './define-annotations.ts';

const about = { since: '1.0', change: 'followed', sets: 'something', example: '', source: 'the test' } as const;

/** Annotations of a cloud that there is not, with everything that a declaration can say. */
export const testAnnotations = defineAnnotations({
  owner: 'test',
  prefix: 'test.example/lb-',
  territory: String.raw`^test\.example/`,
  kinds: ['small', 'large'],
  kindChoice: { by: 'size', values: { large: 'large', other: undefined }, otherwise: 'small' },
  annotations: {
    size: {
      ...about,
      format: oneOf(['small', 'large', 'other']),
      misfit: 'warned',
      default: 'small',
      description: 'Which kind it is.',
    },
    logs: { ...about, format: goBoolean('false'), default: 'false', description: 'Whether there are logs.' },
    bucket: {
      ...about,
      format: listOf({ item: '[a-z]+', name: 'buckets', fix: 'name one' }),
      default: '',
      description: 'Where they go.',
    },
    interval: {
      ...about,
      format: wholeNumber({ min: 5, max: 300, unit: 'seconds' }),
      on: { small: withoutEffect('only large ones have it: remove it') },
      default: '10',
      description: 'Between checks.',
    },
    timeout: {
      ...about,
      format: wholeNumber({ min: 2, max: 120 }),
      on: { small: refusedThere('only large ones can: remove it') },
      default: '5',
      description: 'Of checks.',
    },
    zone: { ...about, change: 'atCreation', format: oneOf(['a', 'b']), default: 'a', description: 'Where it is.' },
  },
  rules: [
    {
      about: 'bucket',
      kinds: ['small', 'large'],
      finding: 'contradictory',
      effect: 'refused',
      when: {
        kind: 'all',
        conditions: [
          { kind: 'matches', annotation: 'logs', pattern: goTruthPattern },
          { kind: 'not', condition: { kind: 'matches', annotation: 'bucket', pattern: notBlank } },
        ],
      },
      fix: 'name the bucket that the logs go to',
    },
    {
      about: 'timeout',
      kinds: ['large'],
      finding: 'contradictory',
      effect: 'refused',
      when: {
        kind: 'atLeast',
        left: { annotation: 'timeout', otherwise: 5 },
        right: { annotation: 'interval', otherwise: 10 },
      },
      fix: 'it must be shorter than the interval',
    },
  ],
  elsewhere: { names: ['scheme'], fix: 'another controller reads it' },
});
