import { afterAll, beforeAll, describe } from 'vitest';
import { type PrivatePostgres, postgresAvailable, startPostgres } from '../postgres.ts';
import { outboxConformance } from './outbox.ts';

describe.skipIf(!postgresAvailable())('on a private server', () => {
  let server: PrivatePostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  outboxConformance('PostgreSQL', async () => await server.freshDatabase());
});
