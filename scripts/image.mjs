// Runs the stages of the Dockerfile without a container engine: each in an empty folder, the last one read-only for its
// user, who owns nothing. Then that user calls what the image would run: its help, and a run against a simulated tenant,
// with a lake as the only folder that it may write.
//
//   node scripts/image.mjs            stages, then the runs
//
// As root, who can become another user; what an engine adds (layers, its own root file system, its network) is not tried.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readDockerfile } from './image-stages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { stages, ignore } = readDockerfile(root);
const work = mkdtempSync(join(tmpdir(), 'sluice-image-'));
chmodSync(work, 0o755);

function expect(what, holds) {
  if (!holds) throw new Error(`image: ${what}`);
  console.log(`ok: ${what}`);
}

/** Where a stage has a path of its own. */
const inStage = (stage, path) => join(work, stage, path);
const npm = (key) => spawnSync('npm', ['config', 'get', key], { encoding: 'utf8' }).stdout.trim();
/** A bare user has no configuration: where packages come from is told. */
const registry = {
  npm_config_registry: npm('registry'),
  npm_config_cache: join(work, '.npm'),
  npm_config_cafile: npm('cafile'),
};

function copy(stage, { from, sources, target }, folder) {
  const base = from === undefined ? root : inStage(from, '/');
  for (const source of sources) {
    const path = join(base, source);
    const isFolder = statSync(path).isDirectory();
    const to = join(target.startsWith('/') ? inStage(stage, target) : join(folder, target));
    const place = isFolder || !(target.endsWith('/') || sources.length > 1) ? to : join(to, basename(source));
    mkdirSync(dirname(place), { recursive: true });
    cpSync(path, place, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (one) => from !== undefined || !ignore(relative(root, one)),
    });
  }
}

function run(command, folder, env) {
  const bare = { PATH: process.env.PATH, HOME: folder, ...registry, ...env };
  const { status } = spawnSync('sh', ['-c', command], {
    cwd: folder,
    env: bare,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`image: RUN ${command} ended with ${status}`);
}

function build(stage) {
  let folder = inStage(stage.name, '/');
  const env = {};
  mkdirSync(folder, { recursive: true });
  for (const step of stage.steps) {
    if (step.kind === 'workdir') {
      folder = inStage(stage.name, step.path);
      mkdirSync(folder, { recursive: true });
    }
    if (step.kind === 'env') Object.assign(env, step.values);
    if (step.kind === 'copy') copy(stage.name, step, folder);
    if (step.kind === 'run') run(step.command, folder, env);
  }
  console.log(`ok: stage ${stage.name}`);
  return { folder, env };
}

const built = stages.map(build).at(-1);
const image = stages.at(-1);
const [uid, gid] = image.user.split(':').map(Number);
const [, ...entry] = image.entrypoint.map((part) => (part.startsWith('/') ? inStage(image.name, part) : part));
const volume = join(work, 'volume');
mkdirSync(volume);
chownSync(volume, uid, gid);

/** As the user of the image, with what its environment says, and nothing that it may write but the volume. */
const start = (args, env = {}) =>
  spawn(
    'setpriv',
    ['--reuid', uid, '--regid', gid, '--clear-groups', '--no-new-privs', process.execPath, ...entry, ...args].map(
      String,
    ),
    {
      cwd: built.folder,
      env: { PATH: process.env.PATH, ...built.env, HOME: volume, TMPDIR: volume, ...env },
    },
  );

async function call(args, env) {
  const child = start(args, env);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (printed += part));
  const [status] = await once(child, 'close');
  return { status, printed };
}

let twin;
try {
  expect(
    'the image has no test, no source and no development package',
    !['src', 'test', 'node_modules/vitest'].some((name) => existsSync(join(built.folder, name))),
  );
  const help = await call(['--help']);
  expect(`its user calls it (${help.status})`, help.status === 0 && help.printed.includes('attendance'));
  const writing = spawnSync('setpriv', [
    '--reuid',
    `${uid}`,
    '--regid',
    `${gid}`,
    '--clear-groups',
    'touch',
    join(built.folder, 'dist', 'x'),
  ]);
  expect('its user cannot write what it is made of', writing.status !== 0);

  twin = start(['simulate', '--port', '0', '--json']);
  const { value: line } = await createInterface({ input: twin.stdout })[Symbol.asyncIterator]().next();
  const { env } = JSON.parse(line);
  const lake = join(volume, 'lake');
  const missing = await call(image.cmd, {});
  expect(
    `without configuration it says all that is missing (${missing.status})`,
    missing.status === 2 &&
      missing.printed.includes('TEAMS_TENANT_ID') &&
      missing.printed.includes('attendance.accounts'),
  );
  const job = await call([...image.cmd, '--lake', lake, '--everybody'], env);
  expect(
    `its command reads the tenant into the volume (${job.status})`,
    [0, 3].includes(job.status) && existsSync(join(lake, 'current', 'events')),
  );
} finally {
  twin?.kill();
  rmSync(work, { recursive: true, force: true });
}
