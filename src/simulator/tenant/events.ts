import { applyCalendarEvent } from '../collections/calendar-control.ts';
import { applyCallLogEvent } from '../collections/call-logs.ts';
import { applyCallEvent } from '../collections/call-records.ts';
import { applyChatEvent } from '../collections/chat-events.ts';
import { createGroup } from '../collections/groups.ts';
import { applyPlaceEvent } from '../collections/place-events.ts';
import type { TwinEvent } from './event-schema.ts';
import * as imports from './import-events.ts';
import type { StoredMessage } from './message.ts';
import * as messages from './message-events.ts';
import * as organization from './organization-events.ts';
import type { TenantStore } from './store.ts';
import type { TwinChannel, TwinTeam } from './types.ts';

export { EVENT_TYPES, parseEvent, type TwinEvent, type TwinEventType } from './event-schema.ts';

/** What an event has changed, by id. */
export interface AppliedEvent {
  readonly type: TwinEvent['type'];
  readonly teamId?: string;
  readonly channelId?: string;
  /** The root of the thread. */
  readonly messageId?: string;
  readonly replyId?: string;
  readonly userId?: string;
  readonly groupId?: string;
  readonly chatId?: string;
  readonly installationId?: string;
  readonly tabId?: string;
  readonly tagId?: string;
  readonly callId?: string;
  readonly meetingId?: string | undefined;
  readonly eventId?: string;
}

/**
 * Lets something happen in the tenant at `nowMs`. Targets that the event does not name are picked by the tenant's seed.
 *
 * @throws SluiceError `event_invalid` when a target does not exist or cannot take the event
 */
export function applyEvent(tenant: TenantStore, event: TwinEvent, nowMs: number): AppliedEvent {
  return { type: event.type, ...change(tenant, event, nowMs) };
}

function change(tenant: TenantStore, event: TwinEvent, nowMs: number): Omit<AppliedEvent, 'type'> {
  switch (event.type) {
    case 'post':
      return ofMessage(messages.post(tenant, event, nowMs));
    case 'reply':
      return ofMessage(messages.reply(tenant, event, nowMs));
    case 'edit':
      return ofMessage(messages.edit(tenant, event, nowMs));
    case 'react':
      return ofMessage(messages.react(tenant, event, nowMs));
    case 'unreact':
      return ofMessage(messages.unreact(tenant, event, nowMs));
    case 'delete':
      return ofMessage(messages.softDelete(tenant, event, nowMs));
    case 'undelete':
      return ofMessage(messages.undelete(tenant, event, nowMs));
    case 'createChannel':
      return ofChannel(organization.createChannel(tenant, event, nowMs));
    case 'renameChannel':
      return ofChannel(organization.renameChannel(tenant, event, nowMs));
    case 'deleteChannel':
      return ofChannel(organization.deleteChannel(tenant, event, nowMs));
    case 'hideChannel':
      return ofChannel(organization.hideChannel(tenant, event));
    case 'restoreChannel':
      return ofChannel(organization.restoreChannel(tenant, event));
    case 'import':
      return ofChannel(imports.importMessages(tenant, event, nowMs));
    case 'completeMigration':
      return ofChannel(imports.completeMigration(tenant, event));
    case 'createTeam':
      return ofTeam(organization.createTeam(tenant, event, nowMs));
    case 'renameTeam':
      return ofTeam(organization.renameTeam(tenant, event, nowMs));
    case 'deleteTeam':
      return ofTeam(organization.deleteTeam(tenant, event));
    case 'restoreTeam':
      return ofTeam(organization.restoreTeam(tenant, event));
    case 'archiveTeam':
    case 'unarchiveTeam':
      return ofTeam(organization.archiveTeam(tenant, event, nowMs));
    case 'addMember':
      return ofMembership(organization.addMember(tenant, event, nowMs));
    case 'removeMember':
      return ofMembership(organization.removeMember(tenant, event, nowMs));
    case 'createUser':
      return { userId: organization.createUser(tenant, event).id };
    case 'createGroup':
      return { groupId: createGroup(tenant, event).id };
    case 'createChat':
    case 'renameChat':
    case 'removeChat':
    case 'addToChat':
    case 'removeFromChat':
    case 'postToChat':
    case 'editInChat':
    case 'deleteInChat':
    case 'reactInChat':
      return applyChatEvent(tenant, event, nowMs);
    case 'installApp':
    case 'upgradeApp':
    case 'removeApp':
    case 'addTab':
    case 'removeTab':
    case 'createTag':
    case 'changeTag':
    case 'removeTag':
      return applyPlaceEvent(tenant, event);
    case 'call':
    case 'reviseCall':
      return applyCallEvent(tenant, event, nowMs);
    case 'pstnCall':
    case 'directRoutingCall':
      return applyCallLogEvent(tenant, event, nowMs);
    case 'scheduleMeeting':
    case 'moveMeeting':
    case 'cancelMeeting':
    case 'holdSession':
    case 'grantAccessPolicy':
    case 'withholdAccessPolicy':
      return applyCalendarEvent(tenant, event, nowMs);
  }
}

function ofMessage({ channel, root, id }: StoredMessage): Omit<AppliedEvent, 'type'> {
  return { ...ofChannel(channel), ...(root ? { messageId: root.id, replyId: id } : { messageId: id }) };
}

const ofChannel = ({ id, teamId }: TwinChannel) => ({ teamId, channelId: id });
const ofTeam = ({ id }: TwinTeam) => ({ teamId: id });

function ofMembership({ team, channel, user }: organization.MembershipChange): Omit<AppliedEvent, 'type'> {
  return { teamId: team.id, ...(channel && { channelId: channel.id }), userId: user.id };
}
