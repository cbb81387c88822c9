import fc from 'fast-check';

/** Text as nobody should write it, and some that is nearly right. */
export const badText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\u202e',
    '::',
    '0.0.0.0',
    '10.0.0.1,',
    '10.0.0.1/33',
    'fe80::1%0',
    '__proto__',
    '🦀',
  ),
  fc.constantFrom('2026-01-01T00:00:00Z', '9999-99-99T99:99:99Z', '-1', 'fake://', 'fake:///', '://', 'True', 'true'),
);

/** Ranges as nobody should write them, and some that are right but nobody's. */
export const badRange = fc.oneof(
  badText,
  fc.tuple(fc.ipV4(), fc.integer({ min: -1, max: 40 })).map(([address, length]) => `${address}/${length}`),
  fc.tuple(fc.ipV6(), fc.integer({ min: -1, max: 140 })).map(([address, length]) => `${address}/${length}`),
  fc.constantFrom('0.0.0.0/0', '::/0', '10.120.0.0/16', '10.120.0.0/8', '10.120.255.255/32', '010.120.0.0/24'),
);
