import type { Hono } from 'hono';
import type { Sender } from '../../sending/sender.ts';
import type { AppEnv } from './app-env.ts';
import { readBody } from './read-body.ts';
import { parseSilence, silenceView } from './silence-body.ts';

/** Silences of the asking tenant. */
export function addSilenceRoutes(app: Hono<AppEnv>, sender: Sender, maxBytes: () => number): void {
  app.get('/v1/silences', (c) => c.json({ silences: sender.listSilences(c.get('tenant')).map(silenceView) }));
  app.post('/v1/silences', async (c) => {
    const body = await readBody(c.req.raw, maxBytes());
    return c.json(silenceView(await sender.createSilence(parseSilence(body, c.get('tenant')))), 201);
  });
  app.delete('/v1/silences/:id', async (c) =>
    c.json(silenceView(await sender.expireSilence(c.get('tenant'), c.req.param('id').slice(0, 200)))),
  );
}
