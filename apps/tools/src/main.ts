import { Command } from 'commander';
import { CodedError } from '#libs/runtime';
import { adminCommand } from './commands/admin.js';
import { backtestCommand } from './commands/backtest.js';
import { decodeCommand } from './commands/decode.js';
import { demoCommand } from './commands/demo.js';
import { replayCommand } from './commands/replay.js';
import { simulateCommand } from './commands/simulate.js';

const program = new Command('hearthwatch-tools')
  .description('Tools around Hearthwatch: first look, replay, back-test, decoding, administration')
  .showHelpAfterError('Add --help for what is accepted.')
  .addCommand(adminCommand())
  .addCommand(decodeCommand())
  .addCommand(demoCommand())
  .addCommand(replayCommand())
  .addCommand(simulateCommand())
  .addCommand(backtestCommand());
for (const command of program.commands) command.copyInheritedSettings(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CodedError)) throw error;
  console.error(error.line);
  process.exitCode = 1;
}
