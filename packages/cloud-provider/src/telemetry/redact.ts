const secretName =
  /token|passw(?:or)?d|passphrase|secret|authorization|credential|private-?_?key|api-?_?key|access-?_?key|cookie/i;
const bearerToken = /\b(bearer)\s+[\w\-.~+/=]+/gi;
const urlPassword = /(\/\/[^/\s:@]+):[^/\s@]+@/g;

export const redacted = '[redacted]';

/** Whether a field of this name may hold a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** Replaces what is plainly a secret wherever it stands in a text: bearer tokens and passwords of URLs. */
export function redactText(text: string): string {
  return text.replace(bearerToken, `$1 ${redacted}`).replace(urlPassword, `$1:${redacted}@`);
}
