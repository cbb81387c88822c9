/**
 * An age as kubectl shows it: two units at most, coarser with age. Source: k8s.io/apimachinery, duration `HumanDuration`.
 */
export function humanAge(from: string | null | undefined, now: Date): string {
  if (from === undefined || from === null || from === '') return '<unknown>';
  const seconds = Math.floor((now.getTime() - Date.parse(from)) / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60 * 2) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return join(`${minutes}m`, seconds % 60, 's');
  if (minutes < 60 * 3) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return join(`${hours}h`, minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 24 * 8) return join(`${days}d`, hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  if (hours < 24 * 365 * 8) return join(`${years}y`, days % 365, 'd');
  return `${years}y`;
}

function join(whole: string, rest: number, unit: string): string {
  return rest === 0 ? whole : `${whole}${rest}${unit}`;
}
