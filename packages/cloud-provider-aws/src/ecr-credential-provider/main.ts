import { setTimeout as wait } from 'node:timers/promises';
import { pluginCredentials } from '../client/plugin-credentials.ts';
import { version } from '../version.ts';
import { runPlugin } from './plugin.ts';

const { argv, env, stderr, stdin, stdout } = process;
process.exitCode = await runPlugin(
  { args: argv.slice(2), env, stdin, stdout, stderr },
  { version, clock: { now: () => new Date(), wait }, sources: pluginCredentials(env) },
);
