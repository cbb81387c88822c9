import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';

/** A serving certificate and its key, in PEM. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface SelfSignedOptions {
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly now: Date;
}

const oid = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  subjectAltName: '0603551d11',
  basicConstraints: '0603551d13',
  keyUsage: '0603551d0f',
  extendedKeyUsage: '0603551d25',
  serverAuth: '06082b06010505070301',
};

/**
 * Makes a certificate for HTTPS that is valid for one year, as the Go managers do when none is given. Node can make keys but
 * no certificates, and the libraries that can weigh more than this whole program; the DER of RFC 5280 is short.
 */
export function makeSelfSignedCertificate(options: SelfSignedOptions): ServingCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const commonName = `${options.hosts[0] ?? 'localhost'}@${Math.floor(options.now.getTime() / 1000)}`;
  const name = sequence(set(sequence(hex(oid.commonName), tagged(0x0c, Buffer.from(commonName)))));
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    sequence(hex(oid.ecdsaWithSha256)),
    name,
    sequence(time(new Date(options.now.getTime() - 3_600_000)), time(new Date(options.now.getTime() + 31_536_000_000))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(options))),
  );
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, sequence(hex(oid.ecdsaWithSha256)), bitString(signature));
  const certificate = new X509Certificate(der).toString();
  return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** The SHA-256 fingerprint, for logs. */
export function fingerprint(certificate: string): string {
  return createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');
}

function extensions(options: SelfSignedOptions): readonly Buffer[] {
  const names = [
    ...options.hosts.map((host) => tagged(0x82, Buffer.from(host))),
    ...options.addresses.map((address) => tagged(0x87, addressBytes(address))),
  ];
  const critical = tagged(0x01, Buffer.from([0xff]));
  return [
    sequence(hex(oid.basicConstraints), critical, tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff]))))),
    sequence(hex(oid.keyUsage), critical, tagged(0x04, tagged(0x03, Buffer.from([0x02, 0x84])))),
    sequence(hex(oid.extendedKeyUsage), tagged(0x04, sequence(hex(oid.serverAuth)))),
    sequence(hex(oid.subjectAltName), tagged(0x04, sequence(...names))),
  ];
}

function addressBytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
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
