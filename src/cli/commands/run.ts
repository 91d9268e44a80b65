import type { Meter } from '@opentelemetry/api';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemRuntime } from '../../runtime/runtime.ts';
import { createTelemetry } from '../../telemetry/telemetry.ts';
import { withEnds } from '../ends.ts';
import { exitCodeOfError } from '../exit-code.ts';
import type { ExitCode, Io } from '../io.ts';
import { span, wholeNumber } from '../options.ts';
import { describeError } from '../render/error.ts';
import { duration } from '../render/table.ts';
import { type Round, repeat } from '../schedule.ts';
import type { StateEndpoint, serveState } from '../state-endpoint.ts';
import { type JobOptions, runJob, withJobOptions } from './sync.ts';

interface Options extends JobOptions {
  readonly every: number;
  readonly times?: number;
  readonly host: string;
  readonly port?: number;
}

/** `sluice run`: `sluice sync` again and again, by one process that stays. */
export function runCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return withJobOptions(
    new Command('run')
      .description(
        'Syncs at once, then again at every whole multiple of --every after its start. A round that fails stops no later one; a longer one leaves out those that fell into it. Configuration and credentials are read anew in each round. Ctrl-C or SIGTERM ends it cleanly, with the exit code of the last round.',
      )
      .addOption(
        new Option('--every <duration>', 'how often: 15m, 1h, 1d').argParser(atLeastOneSecond).default(3_600_000, '1h'),
      )
      .addOption(
        new Option('--times <n>', 'end after so many rounds').argParser(wholeNumber({ min: 1, max: 1_000_000 })),
      )
      .addOption(
        new Option('--port <n>', 'answer GET /metrics and /healthz there; 0 is any free one').argParser(
          wholeNumber({ min: 0, max: 65_535 }),
        ),
      )
      .addOption(new Option('--host <address>', 'address for --port').default('127.0.0.1')),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  sluice run --every 15m                 # the job of the section lake in sluice.yaml\n  sluice run --every 1h --port 9464 --json',
    )
    .action(async (options: Options) => exit(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const { port, host } = options;
  let latest: Round | undefined;
  const state = port === undefined ? undefined : await stateEndpoint({ host, port }, () => latest);
  if (state && !options.json) io.err(`GET ${state.url}/metrics and /healthz answer.\n`);
  if (state && options.json) io.out(`${JSON.stringify({ event: 'listening', url: state.url })}\n`);
  const telemetry = createTelemetry({ meter: state?.meter });
  try {
    return await repeat(
      {
        ...{ everyMs: options.every, times: options.times, runtime: systemRuntime },
        work: (number) => round(io, options, { meter: state?.meter, number }),
        onRound: (done, next) => {
          latest = done;
          telemetry.count('sluice.run.rounds', 1, { outcome: done.outcome });
          if (done.outcome === 'ok') telemetry.gauge('sluice.run.last_ok', Math.floor(done.startedAt / 1000), {});
          if (next) sayNext(io, options, { ...next, at: new Date(done.endedAt + next.inMs).toISOString() });
        },
      },
      io.signal,
    );
  } finally {
    await state?.close();
  }
}

/** What answers is loaded only where it is asked for. */
async function stateEndpoint(...given: Parameters<typeof serveState>): Promise<StateEndpoint> {
  return (await import('../state-endpoint.ts')).serveState(...given);
}

/** What a command line says wrongly is told at once; what fails later is told, and the next round tries again. */
async function round(
  io: Io,
  options: Options,
  { meter, number }: { readonly meter: Meter | undefined; readonly number: number },
): Promise<ExitCode> {
  try {
    // Copies of a lake elsewhere go with their round.
    return await withEnds(io, (own) => runJob(own, options, meter));
  } catch (error) {
    const code = exitCodeOfError(error);
    if (number === 1 && code === 2) throw error;
    if (io.signal.aborted) return 3;
    io.err(`${describeError(error, io.env['SLUICE_LOG_LEVEL'] === 'debug')}\n`);
    return code;
  }
}

interface Next {
  readonly at: string;
  readonly inMs: number;
  readonly missed: number;
}

function sayNext(io: Io, { json }: Options, { at, inMs, missed }: Next): void {
  if (json) {
    io.out(`${JSON.stringify({ event: 'waiting', nextAt: at, missed })}\n`);
    return;
  }
  const late = missed > 0 ? ` ${missed} ${missed === 1 ? 'round' : 'rounds'} fell into this one.` : '';
  io.err(`Next round at ${at}, in ${duration(inMs)}.${late}\n`);
}

function atLeastOneSecond(text: string): number {
  const ms = span(text);
  if (ms < 1_000) throw new InvalidArgumentError('Give at least 1s.');
  return ms;
}
