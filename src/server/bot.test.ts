import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createConfigHolder } from '../config/holder.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { startServer } from './serve.ts';

const APP_ID = '11111111-1111-4111-8111-111111111111';
const TENANT = '22222222-2222-4222-8222-222222222222';

async function start(bot: string, module = 'export default () => {};') {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bot-'));
  const file = join(folder, 'sluice.yaml');
  writeFileSync(join(folder, 'bot.mjs'), module);
  writeFileSync(file, `bot: ${bot}\noutbox: { url: 'sqlite:${join(folder, 'outbox.db')}' }\nserver: { port: 0 }\n`);
  const config = await createConfigHolder({ file, environment: {}, runtime: systemRuntime });
  return startServer({ config, runtime: systemRuntime });
}

describe('a server with a bot', () => {
  it.each([
    ['without an application id', '{ handlers: ./bot.mjs }', 'config_invalid'],
    ['with one that is none', '{ handlers: ./bot.mjs, app_id: mine }', 'config_invalid'],
    ['without a tenant', `{ handlers: ./bot.mjs, app_id: ${APP_ID} }`, 'bot_tenant_missing'],
    ['without its module', `{ handlers: ./none.mjs, app_id: ${APP_ID}, tenants: [${TENANT}] }`, 'bot_handlers_invalid'],
    [
      'with a twin elsewhere',
      `{ handlers: ./bot.mjs, app_id: ${APP_ID}, tenants: [${TENANT}], twin_url: 'https://evil.example' }`,
      'config_invalid',
    ],
  ])('does not start %s', async (_, bot, code) => {
    await expect(start(bot)).rejects.toMatchObject({ code });
  });

  it('does not start with a module that adds no handlers, or breaks', async () => {
    const bot = `{ handlers: ./bot.mjs, app_id: ${APP_ID}, tenants: [${TENANT}] }`;
    for (const module of ['export default 7;', 'export {};', 'throw new Error("canary");', 'export default (']) {
      const failed = start(bot, module);
      await expect(failed).rejects.toMatchObject({ code: 'bot_handlers_invalid' });
      await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('canary') });
    }
  });

  it('needs no receivers, and refuses at /api/messages what has no token, API keys or not', async () => {
    const server = await start(`{ handlers: ./bot.mjs, app_id: ${APP_ID}, tenants: [${TENANT}] }`);
    expect(server.hasBot).toBe(true);
    expect((await fetch(`${server.url}/api/messages`, { method: 'POST', body: '{}' })).status).toBe(401);
    await server.stop();
  });

  it('has none without handlers, whatever else is set', async () => {
    await expect(start(`{ app_id: ${APP_ID} }`)).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
