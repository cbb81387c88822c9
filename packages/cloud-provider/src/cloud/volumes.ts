import type { CallContext } from './call-context.ts';

/** What a PersistentVolume says about its storage. */
export interface VolumeRef {
  /** The name of the PersistentVolume. */
  readonly name: string;
  readonly source: VolumeSource;
}

export type VolumeSource =
  /** `spec.csi`. */
  | { readonly kind: 'csi'; readonly driver: string; readonly handle: string }
  /** A field of `spec` from the time before CSI, with what is in it. */
  | { readonly kind: 'field'; readonly field: string; readonly values: Readonly<Record<string, unknown>> };

/** Where a volume can be used. */
export type VolumePlace =
  | {
      readonly kind: 'placed';
      /** At least one. */
      readonly zones: readonly string[];
      readonly region: string;
    }
  /** Not a volume of this cloud, or one that does not exist yet because something is about to make it. */
  | { readonly kind: 'foreign' }
  /** The cloud says positively that it has no such volume, in these words. */
  | { readonly kind: 'absent'; readonly statement: string };

/** The volumes of a cloud, as far as PersistentVolumes are labelled with where they are. */
export interface Volumes {
  /** Never changes anything. Throws a CloudError when nothing is known. */
  locate(volume: VolumeRef, call: CallContext): Promise<VolumePlace>;
}
