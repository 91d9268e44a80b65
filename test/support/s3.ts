import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { Secret } from '../../src/runtime/secret.ts';
import { freePort } from './free-port.ts';
import type { RemotePlace } from './remote-place.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/ci-s3.sh', import.meta.url));
const KEY = 'sluice';
const SECRET = 'sluice-secret-of-tests';

const program = (): string | undefined => {
  const { status, stdout } = spawnSync('sh', [SCRIPT, '--program'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

/** True where the S3 server is installed. Says so when not; where it is required, that is an error. */
export function s3Available(): boolean {
  if (program() !== undefined) return true;
  const message = 'The S3 server is not installed: its tests are skipped (scripts/ci-s3.sh installs it).';
  if (process.env['SLUICE_REQUIRE_S3']) throw new Error(message);
  console.warn(message);
  return false;
}

export interface TestS3 {
  readonly endpoint: string;
  /** A new bucket. */
  place(): Promise<RemotePlace>;
  stop(): void;
}

/** An S3 server of its own, in memory, on a free port. */
export async function startS3(): Promise<TestS3> {
  const port = await freePort();
  const child = spawn(program()!, ['-host', `127.0.0.1:${port}`, '-backend', 'memory', '-quiet'], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  while (!(await fetch(endpoint).catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`The S3 server ended with ${child.exitCode}.`);
    await delay(50);
  }
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: KEY, secretAccessKey: SECRET },
  });
  return {
    endpoint,
    async place() {
      const bucket = `lake-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      return {
        url: `s3://${bucket}/lake`,
        settings: {
          s3_endpoint: endpoint,
          s3_access_key_id: new Secret(KEY),
          s3_secret_access_key: new Secret(SECRET),
        },
        env: {
          SLUICE_LAKE_S3_ENDPOINT: endpoint,
          SLUICE_LAKE_S3_ACCESS_KEY_ID: KEY,
          SLUICE_LAKE_S3_SECRET_ACCESS_KEY: SECRET,
        },
        others: {
          url: `s3://${bucket}/lake`,
          options: {
            aws_access_key_id: KEY,
            aws_secret_access_key: SECRET,
            aws_region: 'us-east-1',
            aws_endpoint_url: endpoint,
            allow_http: 'true',
          },
        },
      };
    },
    stop: () => void child.kill('SIGKILL'),
  };
}
