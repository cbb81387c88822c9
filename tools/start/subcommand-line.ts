/** How a subcommand is asked about the world of the demo, to be typed in the root of the repository. */
export function subcommandLine(
  subcommand: string,
  world: { readonly kubeconfig: string; readonly cloudConfig: string },
): string {
  return `npm run -s ccm -- ${subcommand} --kubeconfig ${world.kubeconfig} --cloud-config ${world.cloudConfig}`;
}
