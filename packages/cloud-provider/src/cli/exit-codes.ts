/** How subcommands end. Scripts rely on them: they never change their meaning. */
export const exitCodes = {
  /** Done, and nothing was found. */
  fine: 0,
  /** It could not be done; the first line says why. */
  failed: 1,
  /** Done, and something was found: the plan is not empty, a check failed, there are orphans. */
  found: 2,
  /** Cluster or cloud answered in part only; what is told holds for that part. */
  incomplete: 3,
  /** The command line can't be understood. */
  usage: 64,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
