import type { ConfigFault } from '../../base/config-error.ts';
import type { ManagerFlags } from '../../config/flags/manager-flags.ts';

type ListenerFlag = `${'' | 'webhook-'}${'tls-cert-file' | 'bind-address' | 'secure-port'}`;

/** Which flag is to blame for a listener that can't be had. @param prefix of the flags' names */
export function listenFault(flags: ManagerFlags, prefix: '' | 'webhook-', error: unknown): ConfigFault {
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const fault = (name: ListenerFlag, fix: string): ConfigFault => ({
    file: '',
    field: `--${name}`,
    value: String(flags[name]),
    fix: `${fix} (${reason})`,
  });
  if (code.startsWith('ERR_OSSL') || code.startsWith('ERR_TLS')) {
    return fault(`${prefix}tls-cert-file`, 'give a certificate and the key that belongs to it, in PEM');
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL') {
    return fault(`${prefix}bind-address`, 'name an address of this host');
  }
  return fault(`${prefix}secure-port`, 'name a port that is free, or 0 to serve nothing');
}
