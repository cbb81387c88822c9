import type { ConfigFault } from '../base/config-error.ts';
import type { ProviderControllerDeclaration } from '../cloud/provider-controller.ts';
import { checkControllerList, isControllerEnabled } from './controller-names.ts';
import { checkFeatureGates } from './feature-gates.ts';
import { type ManagerFlags, managerFlags } from './flags/manager-flags.ts';
import { checkFlags } from './flags/parse-flags.ts';

/** Everything that is wrong with the flags of a manager, single values and contradictions, all at once. */
export function validateManagerFlags(
  flags: ManagerFlags,
  declared: readonly ProviderControllerDeclaration[] = [],
): readonly ConfigFault[] {
  return [
    ...checkFlags(managerFlags, flags),
    ...checkControllerList(flags.controllers, declared).map((fix) => ({
      file: '',
      field: '--controllers',
      value: flags.controllers.join(','),
      fix,
    })),
    ...checkFeatureGates(flags['feature-gates']),
    ...validateElection(flags),
    ...validateMigration(flags),
    ...validateNodeAgent(flags, declared),
    ...validateDeletionBreaker(flags),
    ...validateClasses(flags),
    ...validateServing(flags),
  ];
}

/** client-go's rule: lease duration > renew deadline > retry period × 1.2. */
function validateElection(flags: ManagerFlags): readonly ConfigFault[] {
  const lease = flags['leader-elect-lease-duration'];
  const deadline = flags['leader-elect-renew-deadline'];
  const retry = flags['leader-elect-retry-period'];
  const faults: ConfigFault[] = [];
  if (!flags['leader-elect']) return faults;
  if (!lease.isLongerThan(deadline)) {
    faults.push({
      file: '',
      field: '--leader-elect-lease-duration',
      value: lease.toString(),
      fix: `write more than --leader-elect-renew-deadline, which is ${deadline.toString()}`,
    });
  }
  if (!deadline.isLongerThan(retry.times(1.2))) {
    faults.push({
      file: '',
      field: '--leader-elect-renew-deadline',
      value: deadline.toString(),
      fix: `write more than 1.2 times --leader-elect-retry-period, which is ${retry.toString()}`,
    });
  }
  return faults;
}

/** Migration is about who leads; without an election nobody does. */
function validateMigration(flags: ManagerFlags): readonly ConfigFault[] {
  if (!flags['enable-leader-migration'] || flags['leader-elect']) return [];
  const fix = 'leave it out, or set --leader-elect: controllers migrate by leases';
  return [{ file: '', field: '--enable-leader-migration', value: 'true', fix }];
}

/** A manager of one node runs one controller and holds no lock. */
function validateNodeAgent(
  flags: ManagerFlags,
  declared: readonly ProviderControllerDeclaration[],
): readonly ConfigFault[] {
  if (flags['node-name'] === '') return [];
  const faults: ConfigFault[] = [];
  if (!isControllerEnabled('cloud-node-controller', flags.controllers, declared)) {
    const fix = 'let it have cloud-node, the only controller that runs under --node-name';
    faults.push({ file: '', field: '--controllers', value: flags.controllers.join(','), fix });
  }
  if (flags['enable-leader-migration']) {
    const fix = 'leave it out: under --node-name there is no election';
    faults.push({ file: '', field: '--enable-leader-migration', value: 'true', fix });
  }
  return faults;
}

function validateServing(flags: ManagerFlags): readonly ConfigFault[] {
  return [...validatePair(flags, ''), ...validatePair(flags, 'webhook-'), ...validatePorts(flags)];
}

function validatePair(flags: ManagerFlags, prefix: '' | 'webhook-'): readonly ConfigFault[] {
  const names = { certificate: `${prefix}tls-cert-file`, key: `${prefix}tls-private-key-file` } as const;
  const certificate = flags[names.certificate];
  const key = flags[names.key];
  if ((certificate === '') === (key === '')) return [];
  const [missing, present] = certificate === '' ? [names.certificate, names.key] : [names.key, names.certificate];
  const fix = `give it too: --${present} is given, and they belong together`;
  return [{ file: '', field: `--${missing}`, value: '', fix }];
}

function validatePorts(flags: ManagerFlags): readonly ConfigFault[] {
  const port = flags['webhook-secure-port'];
  if (flags.webhooks.length === 0 || port === 0 || port !== flags['secure-port']) return [];
  const fix = 'write another port than that of --secure-port';
  return [{ file: '', field: '--webhook-secure-port', value: String(port), fix }];
}

/** A breaker that closes while what opened it still counts would open again at once. */
function validateDeletionBreaker(flags: ManagerFlags): readonly ConfigFault[] {
  const window = flags['node-deletion-breaker-window'];
  const hold = flags['node-deletion-breaker-hold'];
  if (!window.isLongerThan(hold)) return [];
  const fix = `write at least --node-deletion-breaker-window, which is ${window.toString()}`;
  return [{ file: '', field: '--node-deletion-breaker-hold', value: hold.toString(), fix }];
}

function validateClasses(flags: ManagerFlags): readonly ConfigFault[] {
  if (flags['default-load-balancer-class'] || flags['load-balancer-class'].length > 0) return [];
  const fix =
    'name a class with --load-balancer-class, or switch the controller off with --controllers=*,-service-lb-controller';
  return [{ file: '', field: '--default-load-balancer-class', value: 'false', fix }];
}
