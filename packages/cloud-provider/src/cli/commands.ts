import type { Command } from './command.ts';
import type { CommandName } from './command-names.ts';
import { planCommand } from './plan/plan-command.ts';

/** Every subcommand. */
export const commands = { plan: planCommand } as unknown as Readonly<Record<CommandName, Command>>;
