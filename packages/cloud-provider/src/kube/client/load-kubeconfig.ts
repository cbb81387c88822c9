import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import { ConfigError, type ConfigFault } from '../../base/config-error.ts';
import { adoptTokenFiles, tokenFileOf } from './token-file.ts';

export interface KubeConfigSource {
  /** Path of a kubeconfig; empty or absent: the service account of the pod. */
  readonly kubeconfig?: string | undefined;
  /** Address of the API server; overrides the kubeconfig's. */
  readonly master?: string | undefined;
}

/**
 * Loads how to reach the API server and as whom, the way the Go managers do: `--kubeconfig`, `--master`, or in the cluster.
 * Everything that can be judged without talking to the server is judged here.
 *
 * @throws ConfigError naming file, field, value and fix of every fault found
 */
export function loadKubeConfig(source: KubeConfigSource): KubeConfig {
  const path = source.kubeconfig ?? '';
  const master = source.master ?? '';
  const config = path !== '' ? readKubeConfig(path) : master !== '' ? new KubeConfig() : readServiceAccount();
  if (path === '' && master !== '') {
    config.loadFromClusterAndUser({ name: 'master', server: master, skipTLSVerify: false }, { name: 'anonymous' });
  }
  const faults = path === '' ? [] : findFaults(config, path);
  if (faults.length > 0) throw new ConfigError(faults);
  return withServer(config, {
    server: master !== '' ? master : (config.getCurrentCluster()?.server ?? ''),
    file: path,
  });
}

function readKubeConfig(path: string): KubeConfig {
  const text = attempt(path, 'give the path of a readable kubeconfig', () => readFileSync(path, 'utf8'));
  if (text.trim() === '')
    throw fault({ file: path, field: '(file)', value: '', fix: 'it is empty: write a kubeconfig into it' });
  const config = new KubeConfig();
  attempt(path, 'write a valid kubeconfig (YAML or JSON)', () => {
    config.loadFromString(text);
    config.makePathsAbsolute(dirname(path));
    adoptTokenFiles(config, text, dirname(path));
  });
  return config;
}

function readServiceAccount(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  const server = config.getCurrentCluster()?.server ?? '';
  const tokenFile = tokenFileOf(config.getCurrentUser());
  if (server.includes('undefined') || tokenFile === undefined || !isReadable(tokenFile)) {
    throw fault({
      file: '',
      field: '--kubeconfig',
      value: '',
      fix: 'this is not a pod with a service account: give the path of a kubeconfig',
    });
  }
  return config;
}

function findFaults(config: KubeConfig, file: string): ConfigFault[] {
  const name = config.getCurrentContext() as string | undefined;
  if (name === undefined || name === '') {
    return [
      { file, field: 'current-context', value: '', fix: `name one of the contexts: ${namesOf(config.getContexts())}` },
    ];
  }
  const context = config.getContextObject(name);
  if (context === null) {
    return [
      {
        file,
        field: 'current-context',
        value: name,
        fix: `name one of the contexts: ${namesOf(config.getContexts())}`,
      },
    ];
  }
  const faults: ConfigFault[] = [];
  const cluster = config.getCluster(context.cluster);
  if (cluster === null) {
    faults.push({
      file,
      field: `contexts[${name}].cluster`,
      value: context.cluster,
      fix: `name one of the clusters: ${namesOf(config.getClusters())}`,
    });
  } else {
    faults.push(...findClusterFaults(cluster, file));
  }
  const user = context.user === undefined ? null : config.getUser(context.user);
  if (context.user !== undefined && user === null) {
    faults.push({
      file,
      field: `contexts[${name}].user`,
      value: context.user,
      fix: `name one of the users: ${namesOf(config.getUsers())}`,
    });
  } else if (user !== null) {
    faults.push(...findUserFaults(user, file));
  }
  return faults;
}

function findClusterFaults(cluster: Cluster, file: string): ConfigFault[] {
  const place = `clusters[${cluster.name}]`;
  const faults: ConfigFault[] = [];
  if (cluster.caFile && !isReadable(cluster.caFile)) {
    faults.push({ file, field: `${place}.certificate-authority`, value: cluster.caFile, fix: 'name a readable file' });
  }
  if (cluster.skipTLSVerify && (cluster.caFile || cluster.caData) && cluster.server.startsWith('https:')) {
    faults.push({
      file,
      field: `${place}.insecure-skip-tls-verify`,
      value: 'true',
      fix: 'it contradicts the certificate authority: remove one of them',
    });
  }
  if (cluster.proxyUrl?.startsWith('socks')) {
    faults.push({
      file,
      field: `${place}.proxy-url`,
      value: cluster.proxyUrl,
      fix: 'use an http:// or https:// proxy',
    });
  }
  return faults;
}

function findUserFaults(user: User, file: string): ConfigFault[] {
  const place = `users[${user.name}]`;
  const faults: ConfigFault[] = [];
  for (const [field, path] of [
    ['client-certificate', user.certFile],
    ['client-key', user.keyFile],
    ['tokenFile', tokenFileOf(user)],
  ] as const) {
    if (path && !isReadable(path))
      faults.push({ file, field: `${place}.${field}`, value: path, fix: 'name a readable file' });
  }
  const hasCertificate = Boolean(user.certFile || user.certData);
  const hasKey = Boolean(user.keyFile || user.keyData);
  if (hasCertificate !== hasKey) {
    const missing = hasCertificate ? 'client-key' : 'client-certificate';
    faults.push({
      file,
      field: `${place}.${missing}`,
      value: '',
      fix: 'a client certificate needs its key: give both',
    });
  }
  if (user.token && user.exec) {
    faults.push({ file, field: `${place}.exec`, value: '', fix: 'it contradicts the token: remove one of them' });
  }
  return faults;
}

function withServer(config: KubeConfig, target: { readonly server: string; readonly file: string }): KubeConfig {
  const cluster = config.getCurrentCluster();
  if (cluster === null) return config;
  const field = target.file === '' ? '--master' : `clusters[${cluster.name}].server`;
  const url = URL.parse(target.server.includes('://') ? target.server : `http://${target.server}`);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw fault({
      file: target.file,
      field,
      value: target.server,
      fix: 'write an address such as https://10.0.0.1:6443',
    });
  }
  // client-node refuses plain HTTP unless it is told not to verify what is not there.
  const skipTLSVerify = url.protocol === 'http:' ? true : cluster.skipTLSVerify;
  const replaced: Cluster = { ...cluster, server: url.href.replace(/\/$/, ''), skipTLSVerify };
  config.clusters = config.clusters.map((known) => (known.name === cluster.name ? replaced : known));
  return config;
}

function attempt<T>(path: string, fix: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const told = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw fault({ file: path, field: '(file)', value: told, fix }, cause);
  }
}

function fault(one: ConfigFault, cause?: unknown): ConfigError {
  return new ConfigError([one], cause === undefined ? undefined : { cause });
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function namesOf(named: readonly { readonly name: string }[]): string {
  return named.length === 0 ? '(there are none)' : named.map(({ name }) => name).join(', ');
}
