/** The name of a cloud in all the spellings that code needs. */
export interface VendorName {
  /** `acme-cloud`: in names of packages, files and flags, and the scheme of providerIDs. */
  readonly kebab: string;
  /** `acmeCloud`: begins the names of functions. */
  readonly camel: string;
  /** `AcmeCloud`: begins the names of types. */
  readonly pascal: string;
}

const longest = 30;
const shape = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** Packages of the workspace and of the library's own that a provider would be taken for. */
const taken: ReadonlySet<string> = new Set(['memory', 'testing', 'conformance', 'library']);

/**
 * Reads the name that a user gave.
 *
 * @throws Error when it can't be a part of package names, label values and providerIDs; says what to write instead
 */
export function readVendorName(text: unknown): VendorName {
  if (typeof text !== 'string' || text === '') throw new Error('name the cloud, for example: acme');
  if (!shape.test(text)) {
    throw new Error(
      `'${text}' can't be the name of a provider: write lower-case letters, digits and single dashes, beginning with a letter, such as ${suggest(text)}`,
    );
  }
  if (text.length > longest) {
    throw new Error(
      `'${text}' can't be the name of a provider: it has ${text.length} characters, take at most ${longest}`,
    );
  }
  if (taken.has(text))
    throw new Error(`'${text}' can't be the name of a provider: the library uses it for something else`);
  const pascal = text
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
  return { kebab: text, pascal, camel: pascal.charAt(0).toLowerCase() + pascal.slice(1) };
}

function suggest(text: string): string {
  const kebab = text
    .replace(/^cloud-provider-/, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+|-+$/g, '')
    .slice(0, longest);
  return shape.test(kebab) ? kebab : 'acme';
}
