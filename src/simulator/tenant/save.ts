import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolders } from '../../runtime/folders.ts';
import { collections } from '../collections/index.ts';
import type { Tenant } from './types.ts';

/** Writes the tenant as `loadTenant` reads it. What soft deletes took is not kept. */
export async function saveTenant(dir: string, tenant: Tenant): Promise<void> {
  await makeFolders(dir);
  for (const { files = [] } of collections) {
    for (const { name, records } of files) await writeLines(dir, name, records(tenant));
  }
}

async function writeLines(dir: string, name: string, records: Iterable<unknown>): Promise<void> {
  await pipeline(Readable.from(blocks(records)), createWriteStream(join(dir, `${name}.jsonl`)));
}

const BLOCK_LINES = 1000;

function* blocks(records: Iterable<unknown>): Iterable<string> {
  let lines: string[] = [];
  for (const record of records) {
    lines.push(`${JSON.stringify(record)}\n`);
    if (lines.length < BLOCK_LINES) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}
