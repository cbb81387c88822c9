import { dumpYaml, loadYaml } from '@kubernetes/client-node';

/**
 * Reads one YAML document (JSON is YAML too), by the reader that kubeconfigs are read with. What it holds is for the caller
 * to judge.
 *
 * @throws Error of the parser, which names line and column
 */
export function parseYaml(text: string): unknown {
  return loadYaml(text);
}

/** Writes plain data as one YAML document, with its line feed at the end. */
export function formatYaml(data: unknown): string {
  return dumpYaml(data, { lineWidth: 120, noRefs: true });
}
