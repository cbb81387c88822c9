/**
 * A pattern of the decimal numbers from `min` to `max`, without signs; zeros in front do not count. Policies, schemas and
 * parsers all understand patterns, and of numbers in texts each understands something else.
 */
export function numberPattern(min: number, max: number): string {
  const alternatives: string[] = [];
  for (let length = String(min).length; length <= String(max).length; length++) {
    const low = Math.max(min, length === 1 ? 0 : 10 ** (length - 1));
    const high = Math.min(max, 10 ** length - 1);
    alternatives.push(...sameLength(String(low), String(high)));
  }
  return `0*(?:${alternatives.join('|')})`;
}

function sameLength(low: string, high: string): readonly string[] {
  const [first = '', last = ''] = [low[0], high[0]];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  if (low === high) return [low];
  if (first === last) return sameLength(lowRest, highRest).map((rest) => first + rest);
  if (/^0*$/.test(lowRest) && /^9*$/.test(highRest)) return [digits(first, last) + anyDigits(lowRest.length)];
  const below = sameLength(lowRest, '9'.repeat(lowRest.length)).map((rest) => first + rest);
  const above = sameLength('0'.repeat(highRest.length), highRest).map((rest) => last + rest);
  const between = digits(String(Number(first) + 1), String(Number(last) - 1)) + anyDigits(lowRest.length);
  return Number(last) - Number(first) > 1 ? [...below, between, ...above] : [...below, ...above];
}

function digits(from: string, to: string): string {
  return from === to ? from : `[${from}-${to}]`;
}

function anyDigits(count: number): string {
  if (count === 0) return '';
  return count === 1 ? '[0-9]' : `[0-9]{${count}}`;
}
