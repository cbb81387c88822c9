import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** What stands for a package or a file of one in the bundle. */
interface StandIn {
  /** Matches what is imported. */
  readonly imported: RegExp;
  /** Matches the files whose imports are meant. @default all */
  readonly importer?: RegExp;
  /** The module that is bundled instead. */
  readonly text: string;
}

const inClientNode = /[\\/]@kubernetes[\\/]client-node[\\/]/;
const inUndici = /[\\/]undici[\\/]lib[\\/]/;
const inPromClient = /[\\/]prom-client[\\/]/;

/**
 * What a cloud controller manager never runs, though packages that it uses carry it along:
 *
 * - of client-node everything but the loading of kubeconfigs and their credentials: its API classes, models, watches,
 *   WebSockets, tar and its own HTTP clients;
 * - of undici everything but pools and proxies over HTTP/1: fetch, forms, WebSockets, caches, mocks, SOCKS, HTTP/2, which no
 *   option switches on, and of its parser what processors without SIMD would need, which neither amd64 nor arm64 is;
 * - of prom-client what pushes metrics and what adds up those of several processes;
 * - its credentials by the command lines of Azure and Google Cloud, which the Go managers have no more either;
 * - of the SDK's core the streams of events, which no operation of ours answers with;
 * - SOCKS, because kubeconfigs that name such a proxy are refused;
 * - OpenTelemetry's API in prom-client, which asks it for the span of an exemplar whether or not exemplars are made.
 *
 * A test runs what is bundled with kubeconfigs of every kind.
 */
const standIns: readonly StandIn[] = [
  {
    imported: /^@kubernetes\/client-node$/,
    text: `
      import { dump, load } from 'js-yaml';
      export { dump as dumpYaml };
      export { KubeConfig } from '@kubernetes/client-node/dist/config.js';
      export function loadYaml(text, options) {
        const value = load(text, options);
        if (!value) throw new Error('Failed to load YAML');
        return value;
      }`,
  },
  {
    imported: /^\.\/gen\/index\.js$/,
    importer: inClientNode,
    text: `
      const leftOut = () => { throw new Error('the API classes of client-node are not in this bundle'); };
      export const createConfiguration = leftOut;
      export const ServerConfiguration = leftOut;`,
  },
  {
    imported: /^(socks|socks-proxy-agent)$/,
    importer: inClientNode,
    text: `
      const leftOut = () => { throw new Error('SOCKS proxies are not in this bundle'); };
      export const SocksClient = { createConnection: leftOut };
      export const SocksProxyAgent = leftOut;`,
  },
  {
    imported: /^undici$/,
    text: `
      import Agent from 'undici/lib/dispatcher/agent.js';
      import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
      import Pool from 'undici/lib/dispatcher/pool.js';
      import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';
      import connect from 'undici/lib/api/api-connect.js';
      Object.assign(Dispatcher.prototype, { connect });
      export { Agent, Dispatcher, Pool, ProxyAgent };`,
  },
  {
    imported: /^\.\/client-h2\.js$/,
    importer: inUndici,
    text: `module.exports = () => { throw new Error('HTTP/2 is not in this bundle'); };`,
  },
  {
    imported: /^\.\/socks5-proxy-agent$/,
    importer: inUndici,
    text: `module.exports = function () { throw new Error('SOCKS proxies are not in this bundle'); };`,
  },
  {
    imported: /^\.\.\/web\/(fetch\/body\.js|fetch\/formdata|webidl)$/,
    importer: inUndici,
    // Nothing is a form of undici's, as there are none.
    text: `exports.webidl = { is: { FormData: () => false } };`,
  },
  {
    imported: /^\.\.\/llhttp\/llhttp-wasm\.js$/,
    importer: inUndici,
    text: `module.exports = require('undici/lib/llhttp/llhttp_simd-wasm.js');`,
  },
  {
    imported: /^\.\/lib\/(cluster|pushgateway)$/,
    importer: inPromClient,
    text: 'module.exports = undefined;',
  },
  ...(['azure', 'gcp'] as const).map((name) => ({
    imported: new RegExp(`^\\./${name}_auth\\.js$`),
    importer: inClientNode,
    // In the words of the Go managers, which lost these providers with Kubernetes 1.26.
    text: `
      class Refused {
        isAuthProvider(user) { return user.authProvider?.name === '${name}'; }
        async applyAuthentication() { throw new Error('no Auth Provider found for name "${name}"'); }
      }
      export { Refused as ${name === 'azure' ? 'AzureAuth' : 'GoogleCloudPlatformAuth'} };`,
  })),
  {
    imported: /^@smithy\/core\/event-streams$/,
    text: `
      const leftOut = () => { throw new Error('streams of events are not in this bundle'); };
      export { leftOut as EventStreamSerde, leftOut as eventStreamSerdeProvider };`,
  },
  {
    imported: /^@opentelemetry\/api$/,
    importer: inPromClient,
    text: `
      export const context = { active: () => undefined };
      export const trace = { getSpan: () => undefined };`,
  },
];

/** Bundles the stand-ins for what is never run. */
export function leaveOut(): Plugin {
  const namespace = 'stand-in';
  return {
    name: 'leave-out',
    setup(build) {
      for (const [index, standIn] of standIns.entries()) {
        build.onResolve({ filter: standIn.imported }, ({ importer, namespace: from }) => {
          if (from === namespace || (standIn.importer && !standIn.importer.test(importer))) return undefined;
          return { path: String(index), namespace, pluginData: { importer } };
        });
      }
      build.onLoad({ filter: /.*/, namespace }, ({ path, pluginData }) => {
        const { importer } = pluginData as { readonly importer: string };
        const standIn = standIns[Number(path)];
        if (standIn === undefined) return undefined;
        // js-yaml is client-node's own: it is found from there.
        const resolveDir = standIn.text.includes("'js-yaml'")
          ? dirname(createRequire(importer).resolve('@kubernetes/client-node'))
          : dirname(importer);
        return { contents: standIn.text, resolveDir, loader: 'js' };
      });
    },
  };
}
