import type { CallCounts, CallRecord, ScenarioProgress } from '@ccm-ts/cloud-provider/testing';
import { subcommandLine } from './subcommand-line.ts';

/** What the live view shows at one moment. */
export interface Picture {
  readonly page: string;
  readonly kubeconfig: string;
  readonly cloudConfig: string;
  readonly log: string;
  readonly progress: ScenarioProgress;
  readonly calls: Readonly<Record<string, CallCounts>>;
  readonly total: CallCounts;
  /** Oldest first. */
  readonly events: readonly string[];
  /** The latest writes that the cloud did or refused, oldest first. */
  readonly writes: readonly CallRecord[];
}

const barWidth = 24;
/** Lines of the parts that grow with the window. */
const minTail = 3;

/** The lines of the live view, none longer than the window and not more than fit. Pure. */
export function drawPicture(
  picture: Picture,
  window: { readonly columns: number; readonly rows: number },
): readonly string[] {
  const { progress, total } = picture;
  const head = [
    'A cloud controller manager between an API server and a cloud, all in this process',
    '',
    `page      ${picture.page}`,
    `kubectl   kubectl --kubeconfig ${picture.kubeconfig} get nodes,svc -o wide`,
    `ccm       ${subcommandLine('plan', picture)}`,
    `log       ${picture.log}`,
    '',
    `now       ${progress.step}`,
    `nodes     ${bar(progress.nodes.initialised, progress.nodes.present)} initialised`,
    `services  ${bar(progress.services.ready, progress.services.present)} ready`,
    `cloud     ${total.accepted} calls accepted, ${total.throttled} throttled, ${total.failed} failed`,
    '',
    row(['', 'accepted', 'throttled', 'failed']),
    ...Object.entries(picture.calls).map(([operation, counts]) =>
      row([operation, counts.accepted, counts.throttled, counts.failed]),
    ),
    '',
  ];
  const foot = ['', 'Ctrl-C ends it'];
  // Two headings and a blank line between the growing parts.
  const room = Math.max(2 * minTail, window.rows - head.length - foot.length - 3);
  const events = picture.events.slice(-Math.floor(room / 2));
  const writes = picture.writes.slice(-(room - events.length)).map(describeWrite);
  const lines = [...head, 'what happens', ...events, '', 'what the cloud is asked to write', ...writes, ...foot];
  return lines.slice(0, window.rows).map((line) => line.slice(0, window.columns));
}

function bar(done: number, all: number): string {
  const filled = all === 0 ? 0 : Math.floor((barWidth * done) / all);
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${done} of ${all}`;
}

function row(cells: readonly (string | number)[]): string {
  const [name = '', ...counts] = cells;
  return `${String(name).padEnd(22)}${counts.map((count) => String(count).padStart(10)).join('')}`;
}

function describeWrite(write: CallRecord): string {
  const time = write.time.toISOString().slice(11, 19);
  const what = write.touched.join(' ') || (write.code ?? '');
  return `${time}  ${write.outcome.padEnd(9)}  ${write.operation.padEnd(18)}  ${what}`;
}
