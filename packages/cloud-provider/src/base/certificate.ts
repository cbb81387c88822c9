import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';

/** A certificate and its key, in PEM. */
export interface CertificateAndKey {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly subject: { readonly commonName: string; readonly organizations?: readonly string[] };
  /** DNS names. @default none */
  readonly hosts?: readonly string[];
  /** IPv4 addresses. @default none */
  readonly addresses?: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly usage: 'server' | 'client';
  /** Whether it may vouch for others. @default false */
  readonly isAuthority?: boolean;
  /** Who vouches for it. @default itself */
  readonly issuer?: CertificateAndKey;
}

const oid = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  organization: '060355040a',
  subjectAltName: '0603551d11',
  basicConstraints: '0603551d13',
  keyUsage: '0603551d0f',
  extendedKeyUsage: '0603551d25',
  serverAuth: '06082b06010505070301',
  clientAuth: '06082b06010505070302',
};

/**
 * Makes a key on P-256 and a certificate for it. Node can make keys but no certificates, and the libraries that can weigh more
 * than the managers; the DER of RFC 5280 is short.
 */
export function issueCertificate(request: CertificateRequest): CertificateAndKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { issuer } = request;
  const subject = nameOf(request.subject);
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    sequence(hex(oid.ecdsaWithSha256)),
    issuer ? subjectOf(issuer.certificate) : subject,
    sequence(time(request.validFrom), time(request.validTo)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(request))),
  );
  const signature = sign('sha256', body, issuer ? createPrivateKey(issuer.key) : privateKey);
  const der = sequence(body, sequence(hex(oid.ecdsaWithSha256)), bitString(signature));
  const certificate = new X509Certificate(der).toString();
  return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function nameOf(subject: CertificateRequest['subject']): Buffer {
  const attribute = (id: string, text: string): Buffer => set(sequence(hex(id), tagged(0x0c, Buffer.from(text))));
  const organizations = (subject.organizations ?? []).map((name) => attribute(oid.organization, name));
  return sequence(...organizations, attribute(oid.commonName, subject.commonName));
}

/** The subject as it stands in a certificate, byte for byte: it is the sixth element, after the version tag. */
function subjectOf(certificate: string): Buffer {
  const [body] = elements(new X509Certificate(certificate).raw);
  const subject = body && elements(body)[5];
  if (!subject) throw new TypeError('the certificate of the issuer has no subject');
  return subject;
}

/** The elements inside one element. */
function elements(outer: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  let at = contentStart(outer, 0);
  while (at < outer.length) {
    const end = contentStart(outer, at) + contentLength(outer, at);
    found.push(outer.subarray(at, end));
    at = end;
  }
  return found;
}

function contentStart(bytes: Buffer, at: number): number {
  const first = bytes[at + 1] ?? 0;
  return at + 2 + (first < 0x80 ? 0 : first - 0x80);
}

function contentLength(bytes: Buffer, at: number): number {
  const first = bytes[at + 1] ?? 0;
  return first < 0x80 ? first : bytes.readUIntBE(at + 2, first - 0x80);
}

function extensions(request: CertificateRequest): readonly Buffer[] {
  const { hosts = [], addresses = [], isAuthority = false, usage } = request;
  const names = [
    ...hosts.map((host) => tagged(0x82, Buffer.from(host))),
    ...addresses.map((address) => tagged(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  const critical = tagged(0x01, Buffer.from([0xff]));
  const authority = isAuthority ? [tagged(0x01, Buffer.from([0xff]))] : [];
  // Digital signatures, and those on certificates.
  const uses = isAuthority ? [0x02, 0x84] : [0x07, 0x80];
  const purpose = usage === 'server' ? oid.serverAuth : oid.clientAuth;
  return [
    sequence(hex(oid.basicConstraints), critical, tagged(0x04, sequence(...authority))),
    sequence(hex(oid.keyUsage), critical, tagged(0x04, tagged(0x03, Buffer.from(uses)))),
    sequence(hex(oid.extendedKeyUsage), tagged(0x04, sequence(hex(purpose)))),
    ...(names.length > 0 ? [sequence(hex(oid.subjectAltName), tagged(0x04, sequence(...names)))] : []),
  ];
}

function time(date: Date): Buffer {
  return tagged(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(parts));
}

function bitString(content: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), derLength(content.length), content]);
}

function derLength(length: number): Buffer {
  if (length < 128) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 + bytes.length, ...bytes]);
}
