/** Something in the cloud that the manager builds on, as `doctor` tells it. Plain data. */
export interface CloudFinding {
  /** What was looked at, in a word: `tags`. */
  readonly check: string;
  /** `warn`: it works, but not as people may think. */
  readonly state: 'good' | 'warn' | 'bad';
  /** One sentence with ids and values. */
  readonly text: string;
  /** What to do, with the command where there is one; empty when there is nothing to do. */
  readonly fix: string;
}
