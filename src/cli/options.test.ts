import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Io } from './io.ts';
import { createProgram, runCli } from './program.ts';

function quiet(written: string[] = []): Io {
  return {
    out: (text) => void written.push(text),
    err: (text) => void written.push(text),
    read: async () => new Uint8Array(),
    live: false,
    columns: 100,
    env: {},
    signal: new AbortController().signal,
  };
}

/** Runs one command line that is refused before anything is done. */
async function refused(args: readonly string[]): Promise<string> {
  const written: string[] = [];
  const code = await runCli(args, quiet(written));
  expect(code, written.join('')).toBe(2);
  return written.join('');
}

interface Place {
  /** The command, with something in place of its arguments. */
  readonly args: readonly string[];
  /** `--lake`, or `<file>`. */
  readonly flag: string;
  /** What stands for the value: `dir`, `file`, `date`. */
  readonly value: string;
}

function commandsOf(command: Command, path: readonly string[] = []): (readonly [readonly string[], Command])[] {
  return [[path, command] as const, ...command.commands.flatMap((sub) => commandsOf(sub, [...path, sub.name()]))];
}

const commands = commandsOf(await createProgram(quiet(), () => {}));
const options: readonly Place[] = commands.flatMap(([path, command]) =>
  command.options
    .filter(({ required, optional }) => required || optional)
    .map(({ long, flags }) => ({
      args: [...path, ...command.registeredArguments.map(({ required }) => (required ? 'x' : '')).filter(Boolean)],
      flag: long!,
      value: /[<[]([^>\].]+)/.exec(flags)![1]!,
    })),
);
const inputs: readonly Place[] = commands.flatMap(([path, command]) =>
  command.registeredArguments.map((argument) => ({ args: path, flag: '', value: argument.name() })),
);
const shown = (places: readonly Place[]) =>
  places.map((place) => [[...place.args, place.flag].join(' '), place] as const);
const given = ({ args, flag }: Place, value: string) => (flag === '' ? [...args, value] : [...args, flag, value]);

describe('the value of an option or an argument', () => {
  it('is asked of many', () => {
    expect(options.length).toBeGreaterThan(40);
    expect(inputs.length).toBeGreaterThan(5);
  });

  it.each(shown([...options, ...inputs]))('%s: is never empty', async (_, place) => {
    for (const empty of ['', '  ']) expect(await refused(given(place, empty))).toMatch(/empty/);
  });

  const paths = [...options, ...inputs].filter(({ args, flag, value }) => {
    const isTwin = args[0] === 'simulate' && flag === '--tenant';
    return isTwin || flag === '--lake' || ['dir', 'file'].includes(value);
  });

  it('is a path in many places', () => {
    expect(paths.map(({ flag }) => flag)).toEqual(
      expect.arrayContaining(['--lake', '--config', '--card', '--data', '--html', '--tenant', '']),
    );
  });

  it.each(shown(paths))('%s: is no address of something else', async (_, place) => {
    for (const address of ['gs://bucket/lake', 'az:lake', 'https://host/x', '~somebody/lake']) {
      expect(await refused(given(place, address))).toContain('Valid:');
    }
  });

  const dates = options.filter(({ value }) => ['date', 'when'].includes(value));

  it.each(shown(dates))('%s: is not in the future', async (_, place) => {
    expect(dates.length).toBeGreaterThan(3);
    expect(await refused(given(place, '2999-01-01'))).toContain('future');
  });

  const lists = options.filter(({ value }) => ['names', 'receivers', 'states'].includes(value));

  it.each(shown(lists))('%s: names at least one', async (_, place) => {
    expect(await refused(given(place, ' , '))).toMatch(/Nothing is named|no table is named/);
  });
});
