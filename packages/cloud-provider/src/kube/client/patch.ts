import type { Operation } from 'rfc6902';

/**
 * A change to one object. Writes to existing objects are patches, never replacements: fields that this program does not
 * know are left alone.
 */
export type Patch =
  /** RFC 7386: null deletes, lists are replaced. Put `metadata.resourceVersion` or `metadata.uid` in the body to make it conditional. */
  | { readonly type: 'merge'; readonly body: Readonly<Record<string, unknown>> }
  /** Kubernetes' own: lists merge by their merge key, `$patch` directives apply. */
  | { readonly type: 'strategic'; readonly body: Readonly<Record<string, unknown>> }
  /** RFC 6902: `test` operations make it conditional; a failed test is answered as an invalid object (422). */
  | { readonly type: 'json'; readonly operations: readonly Operation[] }
  /** Server-side apply: the body is the whole intent of the field manager. `force` takes fields over from other managers. @default false */
  | { readonly type: 'apply'; readonly body: Readonly<Record<string, unknown>>; readonly force?: boolean };

/** What is left of the reply to a patch; the watch brings the object. */
export interface PatchResult {
  /** The version after the patch; unchanged when the patch changed nothing. */
  readonly resourceVersion: string;
}
