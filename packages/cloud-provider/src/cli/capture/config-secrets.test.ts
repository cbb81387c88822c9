import { describe, expect, it } from '@jest/globals';
import { withoutSecrets } from './config-secrets.ts';

describe('withoutSecrets', () => {
  it.each([
    ['[Global]\npassword = planted, "and more"\nregion = x', '[Global]\npassword = [redacted]\nregion = x'],
    [
      '{"endpoint":"http://me:planted@h","apiKey":"pla\\"nted","b":1}',
      '{"endpoint":"http://me:[redacted]@h","apiKey":"[redacted]","b":1}',
    ],
    ['{ "nested": {"clientSecret": "planted"} }', '{ "nested": {"clientSecret": "[redacted]"} }'],
    ['a: 1\nprivateKey: |\n  planted\n\n  planted\nb: 2', 'a: 1\nprivateKey: [redacted]\nb: 2'],
    ['auth:\n  - token: "planted"\n    user: me', 'auth:\n  - token: "[redacted]"\n    user: me'],
    ['key: -----BEGIN RSA PRIVATE KEY-----\nplanted\n-----END RSA PRIVATE KEY-----\nb', 'key: [redacted]\nb'],
    ['key: -----BEGIN PRIVATE KEY-----\nplanted', 'key: [redacted]'],
    ['auth-url=https://h:5000\nregion=x', 'auth-url=https://h:5000\nregion=x'],
  ])('leaves the secret out of %j', (text, expected) => {
    expect(withoutSecrets(text)).toBe(expected);
  });
});
