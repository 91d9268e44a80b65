import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { outboxConformance } from './outbox.ts';
import { backlogConformance } from './outbox-backlog.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-outbox-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fresh = async () => `sqlite:${join(folder, `${++files}.db`)}`;
outboxConformance('SQLite', fresh);
backlogConformance('SQLite', fresh, 25);
