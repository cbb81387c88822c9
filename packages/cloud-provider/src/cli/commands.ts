import { annotationsCommand } from './annotations/annotations-command.ts';
import { auditCommand } from './audit/audit-command.ts';
import { captureCommand } from './capture/capture-command.ts';
import { replayCommand } from './capture/replay-command.ts';
import type { Command } from './command.ts';
import type { CommandName } from './command-names.ts';
import { completionCommand } from './completion/completion-command.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { explainCommand } from './explain/explain-command.ts';
import { lintCommand } from './lint/lint-command.ts';
import { migrateCommand } from './migrate/migrate-command.ts';
import { orphansCommand } from './orphans/orphans-command.ts';
import { planCommand } from './plan/plan-command.ts';

/** Every subcommand. */
export const commands: Readonly<Record<CommandName, Command>> = {
  plan: planCommand,
  lint: lintCommand,
  explain: explainCommand,
  doctor: doctorCommand,
  orphans: orphansCommand,
  annotations: annotationsCommand,
  audit: auditCommand,
  migrate: migrateCommand,
  capture: captureCommand,
  replay: replayCommand,
  completion: completionCommand((): readonly Command[] => Object.values(commands)),
};
