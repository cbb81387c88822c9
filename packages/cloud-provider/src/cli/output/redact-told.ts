import { isSecretName, redactText, redacted } from '../../telemetry/redact.ts';

const pem = /-----BEGIN [^-]*PRIVATE KEY-----[\s\S]*?(?:-----END [^-]*PRIVATE KEY-----|$(?![\s\S]))/g;
/** Three parts, the first of which is an object in Base64. */
const webToken = /\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g;
const basicAuthorization = /(authorization["']?\s*[:=]\s*["']?basic)\s+[\w+/=-]+/gi;
/** As in queries of URLs, connection strings and environments. */
const assigned =
  /((?:token|passw(?:or)?d|passphrase|secret|signature|credential|api[-_]?key|access[-_]?key)[\w.-]{0,60}=)[^\s\u001b&"',;)\]}\\]+/gi;
const awsKeyID = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;

/**
 * A text as it may leave the machine: whatever by its form is a secret is left out. Messages of clouds, annotations and Events are
 * anybody's, so every text that subcommands print or capture goes through here.
 */
export function redactTold(text: string): string {
  return redactText(text)
    .replace(pem, redacted)
    .replace(webToken, redacted)
    .replace(basicAuthorization, `$1 ${redacted}`)
    .replace(assigned, `$1${redacted}`)
    .replace(awsKeyID, redacted);
}

/** Plain data, as JSON has it, in which every text may leave the machine; what stands under a name that speaks of a secret is left out whole. */
export function redactData(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return isSecretName(name) && value !== '' ? redacted : redactTold(value);
  if (Array.isArray(value)) return value.map((each) => redactData(each, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, redactData(each, key)]));
}
