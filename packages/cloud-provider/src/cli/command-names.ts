/** What each subcommand is for, by its name. Small: each start of a manager loads it. */
export const commandSummaries = {
  plan: 'Show what would be done now, and why; writes nothing',
  lint: 'Judge manifests of Services before they are applied',
  explain: 'Say how a Service or a Node stands, and what it waits for',
  doctor: 'Check everything that the manager needs, with the fix for what is missing',
  orphans: 'List, adopt or delete what lost its owner in the cloud',
  annotations: 'List every annotation that this provider reads, with type and example',
  audit: 'Examine a cluster that another manager runs, before a migration',
  migrate: 'Check, or watch beside another manager, whether a takeover would change anything',
  capture: 'Put facts, objects and the plan of an incident into one file',
  replay: 'Plan again from a captured file, without cluster and cloud',
  completion: 'Print the completion script of a shell',
} as const;

export type CommandName = keyof typeof commandSummaries;

/** Whether the word names a subcommand. */
export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(commandSummaries, word);
}
