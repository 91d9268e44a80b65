import type { Hono } from 'hono';
import { type MessageState, messageStates } from '../../outbox/types.ts';
import { serverErrors } from '../../sending/errors.ts';
import { withoutText } from '../../sending/outgoing.ts';
import type { Sender } from '../../sending/sender.ts';
import { httpErrors } from '../errors.ts';
import type { AppEnv } from './app-env.ts';

const MAX_LISTED = 500;

/** What waits, what arrived and what is dead: of the asking tenant, and without any message text. */
export function addOutboxRoutes(app: Hono<AppEnv>, sender: Sender): void {
  app.get('/v1/outbox', async (c) => {
    const state = c.req.query('state');
    if (state !== undefined && !isState(state)) {
      throw serverErrors.unknown_value({ field: 'state', value: state.slice(0, 50), valid: messageStates });
    }
    const receiver = c.req.query('receiver');
    const destination = receiver && sender.destinationOf(c.get('tenant'), receiver);
    const messages = await sender.outbox.list({
      limit: MAX_LISTED,
      withPayload: true,
      wanted: (name) => sender.tenantOf(name) === c.get('tenant'),
      states: state === undefined ? undefined : [state],
      destination: destination || undefined,
    });
    return c.json({ messages: messages.map(withoutText) });
  });
  app.get('/v1/outbox/:id', async (c) => {
    const message = withoutText(await sender.outbox.show(c.req.param('id').slice(0, 200)));
    if (sender.tenantOf(message.destination) !== c.get('tenant')) {
      throw httpErrors.message_not_found();
    }
    return c.json(message);
  });
}

const isState = (text: string): text is MessageState => messageStates.some((state) => state === text);
