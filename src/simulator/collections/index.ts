import { attendanceReports } from './attendance-reports.ts';
import { calendarEvents } from './calendar-events.ts';
import { directRoutingCalls, pstnCalls } from './call-logs.ts';
import { callRecords } from './call-records.ts';
import { callParticipants, callSessions } from './call-sessions.ts';
import { channelMembers } from './channel-members.ts';
import { channelMessages } from './channel-messages.ts';
import { channels } from './channels.ts';
import { chatMembers } from './chat-members.ts';
import { chatMessages } from './chat-messages.ts';
import { chats } from './chats.ts';
import type { TwinCollection } from './collection.ts';
import { groups } from './groups.ts';
import { chatHostedContents, hostedContents } from './hosted-contents.ts';
import { installedApps } from './installed-apps.ts';
import { recordings, transcripts } from './meeting-artifacts.ts';
import { onlineMeetings } from './online-meetings.ts';
import { tabs } from './tabs.ts';
import { teamMembers } from './team-members.ts';
import { teamTagMembers, teamTags } from './team-tags.ts';
import { teams } from './teams.ts';
import { users } from './users.ts';

/** Every collection of the twin, parents first: in this order they are generated, saved and loaded. */
export const collections: readonly TwinCollection[] = [
  users,
  teams,
  groups,
  teamMembers,
  channels,
  channelMembers,
  channelMessages,
  hostedContents,
  chats,
  chatMembers,
  chatMessages,
  chatHostedContents,
  installedApps,
  tabs,
  teamTags,
  teamTagMembers,
  callRecords,
  callSessions,
  callParticipants,
  pstnCalls,
  directRoutingCalls,
  calendarEvents,
  onlineMeetings,
  attendanceReports,
  transcripts,
  recordings,
];

/** Every application permission that some route asks for. */
export const knownPermissions: readonly string[] = [
  ...new Set(collections.flatMap(({ routes }) => routes.flatMap(({ roles }) => roles))),
].sort();

/** What a whole read of a tenant needs, least privileged. */
export const readPermissions: readonly string[] = [...new Set(collections.flatMap(({ permissions }) => permissions))];
