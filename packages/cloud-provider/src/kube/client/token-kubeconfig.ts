import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';

const authProvider = 'service-account-tokens';

/** Gives a token that is valid now, renewing it when it must. */
export interface TokenSource {
  token(signal: AbortSignal): Promise<string>;
}

/** The same API server, as the service account whose tokens are given; whatever else the configuration says of who we are is left out. */
export function withTokens(config: KubeConfig, tokens: TokenSource): KubeConfig {
  const user = 'service-account';
  const changed = new KubeConfig();
  changed.clusters = config.clusters;
  changed.users = [{ name: user, authProvider: { name: authProvider } }];
  changed.contexts = [{ name: user, user, cluster: config.getCurrentCluster()?.name ?? '' }];
  changed.setCurrentContext(user);
  changed.addAuthenticator({
    isAuthProvider: (candidate) => isOurs(candidate.authProvider),
    async applyAuthentication(_user, options: RequestOptions) {
      const token = await tokens.token(new AbortController().signal);
      options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
    },
  });
  return changed;
}

function isOurs(provider: unknown): boolean {
  return typeof provider === 'object' && provider !== null && 'name' in provider && provider.name === authProvider;
}
