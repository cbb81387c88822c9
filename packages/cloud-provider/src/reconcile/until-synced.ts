/** Resolves when all caches are complete, or when the signal is aborted: look at the signal afterwards. */
export async function untilSynced(
  caches: readonly { readonly synced: Promise<void> }[],
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([Promise.all(caches.map((cache) => cache.synced)), promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
