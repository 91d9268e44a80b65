import type { Endpoint } from '../graph/endpoint.ts';
import { attendanceReports } from './attendance-reports.ts';
import { callParticipants } from './call-participants.ts';
import { callRecords } from './call-records.ts';
import { callSessions } from './call-sessions.ts';
import { channelMembers } from './channel-members.ts';
import { channelMessages } from './channel-messages.ts';
import { channelTabs } from './channel-tabs.ts';
import { channels } from './channels.ts';
import { chatInstalledApps } from './chat-installed-apps.ts';
import { chatMembers } from './chat-members.ts';
import { chatMessages } from './chat-messages.ts';
import { chatTabs } from './chat-tabs.ts';
import { chats } from './chats.ts';
import { directRoutingCalls } from './direct-routing-calls.ts';
import { events } from './events.ts';
import { chatHostedContentFiles, hostedContentFiles } from './hosted-content-files.ts';
import { installedApps } from './installed-apps.ts';
import { recordings, transcripts } from './meeting-artifacts.ts';
import { onlineMeetings } from './online-meetings.ts';
import { pstnCalls } from './pstn-calls.ts';
import { teamMembers } from './team-members.ts';
import { teamTagMembers } from './team-tag-members.ts';
import { teamTags } from './team-tags.ts';
import { teams } from './teams.ts';
import { endpointsOf, lookUpsOf, type Resource } from './types.ts';
import { userInstalledApps } from './user-installed-apps.ts';
import { users } from './users.ts';

/** Every resource, in the order in which a run reads them. */
export const resources: readonly Resource[] = [
  teams,
  users,
  channels,
  teamMembers,
  channelMembers,
  channelMessages,
  chats,
  chatMembers,
  chatMessages,
  installedApps,
  chatInstalledApps,
  userInstalledApps,
  channelTabs,
  chatTabs,
  teamTags,
  teamTagMembers,
  callRecords,
  callSessions,
  callParticipants,
  pstnCalls,
  directRoutingCalls,
  events,
  onlineMeetings,
  attendanceReports,
  transcripts,
  recordings,
  hostedContentFiles,
  chatHostedContentFiles,
];

/** The resource a table names. A table that names none is a mistake in its declaration. */
export function resourceNamed(name: string): Resource {
  const resource = resources.find((candidate) => candidate.name === name);
  if (!resource)
    throw new TypeError(`no resource is called ${name}; known: ${resources.map((known) => known.name).join(', ')}`);
  return resource;
}

/** The endpoint that a route template belongs to; undefined: no collection is read there. */
export const endpointAt = (route: string): Endpoint | undefined =>
  resources.flatMap((one) => [...endpointsOf(one), ...lookUpsOf(one)]).find((endpoint) => endpoint.route === route);
