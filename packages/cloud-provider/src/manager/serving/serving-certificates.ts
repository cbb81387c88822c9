import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, type ConfigFault } from '../../base/config-error.ts';
import { parseNamedCertificate } from '../../config/named-certificate.ts';
import { makeSelfSignedCertificate, type ServingCertificate } from './self-signed-certificate.ts';

/** Where the certificates of a server come from. Empty texts mean that a flag is not given. */
export interface CertificateSources {
  /** The beginning of the flags' names, for messages: empty, or `webhook-`. */
  readonly flagPrefix: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Holds `cloud-controller-manager.crt` and `.key`, or takes them. Empty keeps a self-signed pair in memory. */
  readonly folder: string;
  /** The values of `--tls-sni-cert-key`. */
  readonly named: readonly string[];
}

/** A certificate for some host names. */
export interface NamedCertificate extends ServingCertificate {
  /** Lower case; `*.example.com` stands for one label more. */
  readonly patterns: readonly string[];
}

export interface ServingCertificates {
  readonly main: ServingCertificate;
  readonly named: readonly NamedCertificate[];
}

/** The name that Go's manager gives the pair in `--cert-dir`. */
const pairName = 'cloud-controller-manager';

/** Loads the certificates of a server, and again when their files have changed. */
export class CertificateLoader {
  /** The files that decide, for watching. */
  readonly files: readonly string[];
  readonly #sources: CertificateSources;
  readonly #now: () => Date;
  readonly #made: ServingCertificate | undefined;
  readonly #pair: { readonly certificate: string; readonly key: string } | undefined;

  /** Makes and writes a self-signed pair where one is needed. @throws ConfigError when a folder can't be written */
  constructor(sources: CertificateSources, now: () => Date) {
    this.#sources = sources;
    this.#now = now;
    if (sources.certificateFile !== '') {
      this.#pair = { certificate: sources.certificateFile, key: sources.keyFile };
    } else if (sources.folder !== '') {
      this.#pair = {
        certificate: join(sources.folder, `${pairName}.crt`),
        key: join(sources.folder, `${pairName}.key`),
      };
      if (!isReadable(this.#pair.certificate) || !isReadable(this.#pair.key)) this.#writePair(this.#pair);
    } else {
      this.#made = this.#selfSigned();
    }
    const named = sources.named.flatMap((value) => {
      const parsed = parseNamedCertificate(value);
      return parsed ? [parsed.certificateFile, parsed.keyFile] : [];
    });
    this.files = [...(this.#pair ? [this.#pair.certificate, this.#pair.key] : []), ...named];
  }

  /** @throws ConfigError naming each file that can't be used */
  load(): ServingCertificates {
    const { flagPrefix, named } = this.#sources;
    const faults: ConfigFault[] = [];
    const read = (files: { certificate: string; key: string }, fields: PairFields): ServingCertificate | undefined => {
      try {
        return readPair(files, fields);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        faults.push(...error.faults);
        return undefined;
      }
    };
    const main =
      this.#made ??
      (this.#pair &&
        read(this.#pair, {
          certificate: `--${flagPrefix}tls-cert-file`,
          key: `--${flagPrefix}tls-private-key-file`,
        }));
    const field = `--${flagPrefix}tls-sni-cert-key`;
    const others = named.flatMap((value) => {
      const parsed = parseNamedCertificate(value);
      if (!parsed) return [];
      const pair = read(
        { certificate: parsed.certificateFile, key: parsed.keyFile },
        { certificate: field, key: field },
      );
      if (!pair) return [];
      const patterns = parsed.patterns.length > 0 ? parsed.patterns : namesOf(pair.certificate);
      // Names that somebody wrote count before those that are only found in a certificate.
      const isExplicit = parsed.patterns.length > 0;
      return [{ ...pair, patterns: patterns.map((pattern) => pattern.toLowerCase()), isExplicit }];
    });
    if (faults.length > 0 || !main) throw new ConfigError(faults);
    return { main, named: others.toSorted((a, b) => Number(b.isExplicit) - Number(a.isExplicit)) };
  }

  #selfSigned(): ServingCertificate {
    return makeSelfSignedCertificate({ hosts: ['localhost'], addresses: ['127.0.0.1'], now: this.#now() });
  }

  #writePair(pair: { readonly certificate: string; readonly key: string }): void {
    const { folder, flagPrefix } = this.#sources;
    const made = this.#selfSigned();
    try {
      mkdirSync(folder, { recursive: true });
      // The key first: who finds the certificate finds its key too.
      writeWhole(pair.key, made.key, 0o600);
      writeWhole(pair.certificate, made.certificate, 0o644);
    } catch (error) {
      const fix = `name a folder that can be written, or leave the flag out (${reasonOf(error)})`;
      throw new ConfigError([{ file: '', field: `--${flagPrefix}cert-dir`, value: folder, fix }], { cause: error });
    }
  }
}

/** When a certificate is valid, and how that is to a moment. */
export interface Validity {
  readonly kind: 'valid' | 'expired' | 'not valid yet';
  readonly start: Date;
  readonly end: Date;
}

/** A certificate out of its time is served all the same, as in Go: whoever does not check it can still ask. */
export function validityOf({ certificate }: ServingCertificate, at: Date): Validity {
  const { validFromDate: start, validToDate: end } = new X509Certificate(certificate);
  const kind = at > end ? 'expired' : at < start ? 'not valid yet' : 'valid';
  return { kind, start, end };
}

interface PairFields {
  readonly certificate: string;
  readonly key: string;
}

function readPair(files: { certificate: string; key: string }, fields: PairFields): ServingCertificate {
  const certificate = readText(fields.certificate, files.certificate);
  const key = readText(fields.key, files.key);
  const fault = (field: string, file: string, fix: string): ConfigError =>
    new ConfigError([{ file: '', field, value: file, fix }]);
  if (!certificate.includes('-----BEGIN CERTIFICATE-----')) {
    const isSwapped = certificate.includes('PRIVATE KEY-----') && key.includes('-----BEGIN CERTIFICATE-----');
    throw fault(
      fields.certificate,
      files.certificate,
      isSwapped
        ? 'this file holds the key, and that of the key the certificate: swap them'
        : 'name a certificate in PEM',
    );
  }
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    throw fault(fields.certificate, files.certificate, "name a certificate in PEM; this file's can't be read");
  }
  let isItsKey: boolean;
  try {
    isItsKey = parsed.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw fault(fields.key, files.key, "name a private key in PEM without a passphrase; this file's can't be read");
  }
  if (!isItsKey) throw fault(fields.key, files.key, `name the key of the certificate in ${files.certificate}`);
  return { certificate, key };
}

function readText(field: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const fix = `name a file that can be read (${reasonOf(error)})`;
    throw new ConfigError([{ file: '', field, value: path, fix }], { cause: error });
  }
}

/** The host names of a certificate; its common name when there are none, as in Go. */
function namesOf(certificate: string): readonly string[] {
  const parsed = new X509Certificate(certificate);
  const names = [...(parsed.subjectAltName ?? '').matchAll(/DNS:([^,"\s]+)/g)].map(([, name]) => name ?? '');
  if (names.length > 0) return names;
  const name = (parsed.toLegacyObject().subject as { readonly CN?: string | string[] } | undefined)?.CN;
  return name === undefined ? [] : [name].flat();
}

function isReadable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

function writeWhole(path: string, text: string, mode: number): void {
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
