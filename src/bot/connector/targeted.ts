import type { Envelope } from '../activities/envelope.ts';
import { activitiesOf, editOf, type Message, type Sent, sentId } from './messages.ts';
import type { Connector, ConnectorRequest } from './request.ts';

/**
 * Messages that one member of a group chat, a channel or a meeting sees, for a day. Nobody can answer or forward them. In
 * a chat with one person they are ordinary messages.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages
 */
export interface Targeted {
  /** @param to - id of the member: of `activity.from`, or of one of `members()` */
  send(to: string, message: string | Message): Promise<Sent>;
  edit(id: string, message: string | Message): Promise<void>;
  delete(id: string): Promise<void>;
}

interface TargetedOptions {
  readonly connector: Connector;
  readonly activity: Envelope;
  readonly place: Pick<ConnectorRequest, 'serviceUrl' | 'conversationId' | 'tenantId'>;
  readonly signal: AbortSignal;
  /** Sends the parts of a message one after the other, each once. */
  readonly sendAll: (bodies: readonly object[], send: (body: object) => Promise<string | undefined>) => Promise<Sent>;
  /** Sends an ordinary message. */
  readonly post: (body: object) => Promise<string | undefined>;
}

export function createTargeted({ connector, activity, place, signal, sendAll, post }: TargetedOptions): Targeted {
  const isPersonal = activity.conversation.conversationType === 'personal';
  const query = isPersonal ? undefined : { isTargetedActivity: 'true' };
  const send = async (body: object) =>
    sentId(await connector({ method: 'POST', ...place, route: 'activities', query, body }, signal));
  return {
    send: async (to, message) => {
      const bodies = activitiesOf(message, activity);
      if (isPersonal) return sendAll(bodies, post);
      return sendAll(
        bodies.map((body) => ({ ...body, recipient: { id: to } })),
        send,
      );
    },
    edit: async (id, message) => {
      const edited = editOf(message, activity);
      // Who sees it was said when it was sent, and must not be said again.
      const body = isPersonal ? edited : { ...edited, recipient: undefined };
      await connector({ method: 'PUT', ...place, route: 'activity', activityId: id, query, body }, signal);
    },
    delete: async (id) => {
      await connector({ method: 'DELETE', ...place, route: 'activity', activityId: id, query }, signal);
    },
  };
}
