// Builds the wheel of sluice-spark with the program in it, for this platform: what runs in it is what `npm pack` packs,
// with the packages that it needs at run time. Writes into spark/dist/.
//
//   node scripts/wheel.mjs [python]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const python = process.argv[2] ?? 'python3';
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });

/** What wheels call this platform. */
const PLATFORMS = {
  'linux x64': 'manylinux_2_28_x86_64',
  'linux arm64': 'manylinux_2_28_aarch64',
  'darwin arm64': 'macosx_12_0_arm64',
  'darwin x64': 'macosx_12_0_x86_64',
  'win32 x64': 'win_amd64',
};
const platform = PLATFORMS[`${process.platform} ${process.arch}`];
if (platform === undefined) throw new Error(`No wheel is built for ${process.platform} ${process.arch}.`);

const work = mkdtempSync(join(tmpdir(), 'sluice-wheel-'));
try {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], root));
  const program = join(work, 'package', 'src', 'sluice_spark', 'program');
  for (const name of ['pyproject.toml', 'README.md', 'src'])
    cpSync(join(root, 'spark', name), join(work, 'package', name), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(work, 'package', 'LICENSE'));
  mkdirSync(program, { recursive: true });
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--omit=dev', '--omit=peer', '--ignore-scripts'];
  run('npm', ['install', '--prefix', program, ...quiet, join(work, packed.filename)], work);
  const to = join(root, 'spark', 'dist');
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  run(
    python,
    [
      '-m',
      'pip',
      'wheel',
      '--quiet',
      '--no-deps',
      '--disable-pip-version-check',
      `--config-settings=--build-option=--plat-name=${platform}`,
      '--wheel-dir',
      to,
      join(work, 'package'),
    ],
    work,
  );
  for (const name of readdirSync(to))
    console.log(`${join('spark', 'dist', name)} ${statSync(join(to, name)).size} bytes`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
