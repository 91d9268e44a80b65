import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** Debian keeps the server's programs out of PATH, one folder per version. */
function serverPrograms(): string | undefined {
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return undefined;
  const newest = readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0];
  const folder = join(versions, newest ?? '', 'bin');
  return existsSync(join(folder, 'initdb')) ? folder : undefined;
}

/** PostgreSQL refuses to run as root; its package brings a user. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** True where a private server can be started. Says so when not; where one is required, that is an error. */
export function postgresAvailable(): boolean {
  if (serverPrograms()) return true;
  const message = 'PostgreSQL is not installed: its tests are skipped (scripts/ci-postgres.sh installs it).';
  if (process.env.SLUICE_REQUIRE_POSTGRES) throw new Error(message);
  console.warn(message);
  return false;
}

export interface PrivatePostgres {
  /** The URL of a new, empty database. */
  freshDatabase(): Promise<string>;
  stop(): void;
}

/**
 * A server of its own, in a temporary folder, reachable by a Unix socket there and by nothing else.
 *
 * @param options.fsync - false: fast; what is committed survives the death of any process, but not of the machine
 */
export async function startPostgres(options: { fsync: boolean } = { fsync: false }): Promise<PrivatePostgres> {
  const programs = serverPrograms()!;
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pg-'));
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const init = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (init.status !== 0) throw new Error(`initdb failed: ${init.stderr}`);
  const settings = [`unix_socket_directories=${folder}`, 'listen_addresses=', `fsync=${options.fsync ? 'on' : 'off'}`];
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...user,
    cwd: folder,
    stdio: 'ignore',
  });
  const ready = () => spawnSync(join(programs, 'pg_isready'), ['-q', '-h', folder], { cwd: folder }).status === 0;
  while (!ready()) {
    if (server.exitCode !== null) throw new Error(`The private PostgreSQL ended with ${server.exitCode}.`);
    await delay(50);
  }
  const urlOf = (database: string) => `postgres://postgres@localhost/${database}?host=${encodeURIComponent(folder)}`;
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  // Stopping the server breaks this connection, as intended.
  admin.on('error', () => {});
  await admin.connect();
  let databases = 0;
  return {
    freshDatabase: async () => {
      databases += 1;
      await admin.query(`create database outbox_${databases}`);
      return urlOf(`outbox_${databases}`);
    },
    stop: () => {
      server.kill('SIGQUIT');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}
