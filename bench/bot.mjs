// Our bot runs from its sources, in a process of its own, as the bots of other SDKs do.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Turns of a bot, verified, worked on and answered, beside bots of three SDKs with the checks that they have. */
export function benchBot() {
  const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;
  const file = fileURLToPath(new URL('./bot.ts', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, ['--import', loader, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('The benchmark of the bot failed.');
  console.table(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}
