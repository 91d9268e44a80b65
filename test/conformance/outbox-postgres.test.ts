import { afterAll, beforeAll, describe } from 'vitest';
import { type PrivatePostgres, postgresAvailable, startPostgres } from '../support/postgres.ts';
import { outboxConformance } from './outbox.ts';
import { backlogConformance } from './outbox-backlog.ts';

describe.skipIf(!postgresAvailable())('on a private server', () => {
  let server: PrivatePostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  outboxConformance('PostgreSQL', async () => await server.freshDatabase());
  backlogConformance('PostgreSQL', async () => await server.freshDatabase(), 5);
});
