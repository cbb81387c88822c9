/** Who we are towards the cloud. */
export interface ClusterIdentity {
  /** The UID of the namespace kube-system: unique, unforgeable by a copied flag. */
  readonly uid: string;
  /** `--cluster-name`. Kept for compatibility with names and tags of the Go managers; never a proof of ownership by itself. */
  readonly name: string;
}
