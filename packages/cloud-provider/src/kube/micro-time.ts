/** RFC 3339 with microseconds, the only form that the API server takes for a MicroTime. */
export function microTime(time: Date): string {
  return `${time.toISOString().slice(0, -1)}000Z`;
}
