/** What a soak came to. */
export interface SoakResult {
  readonly proof: 'soak';
  /** Samples of memory and queues. */
  readonly points: number;
  readonly seconds: number;
  readonly events: Readonly<Record<string, number>>;
  /** Of the manager, to cluster and cloud. */
  readonly requests: number;
  readonly watchesCut: number;
  readonly deepestQueue: number;
  /** After full collections of garbage; since the end of the warm-up. */
  readonly liveHeapMegabytes: { readonly first: number; readonly last: number };
  readonly liveHeapMegabytesPerMinute: number;
  readonly residentMegabytes: { readonly first: number; readonly last: number };
  readonly residentMegabytesPerMinute: number;
  readonly metricSeries: number;
  /** More than this in all, after the warm-up, would be a leak. */
  readonly toleratedGrowthMegabytes: number;
}
