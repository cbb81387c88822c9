/** A value at a time. */
export interface Sample {
  readonly seconds: number;
  readonly value: number;
}

/** The slope of the straight line with the least squares, by the minute. */
export function slopePerMinute(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanTime, meanValue] = [mean(samples.map(({ seconds }) => seconds)), mean(samples.map(({ value }) => value))];
  const covariance = samples.reduce((sum, { seconds, value }) => sum + (seconds - meanTime) * (value - meanValue), 0);
  const variance = samples.reduce((sum, { seconds }) => sum + (seconds - meanTime) ** 2, 0);
  return variance === 0 ? 0 : (covariance / variance) * 60;
}
