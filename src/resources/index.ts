import { channelMembers } from './channel-members.ts';
import { channelMessages } from './channel-messages.ts';
import { channels } from './channels.ts';
import { chatMembers } from './chat-members.ts';
import { chatMessages } from './chat-messages.ts';
import { chats } from './chats.ts';
import { teamMembers } from './team-members.ts';
import { teams } from './teams.ts';
import type { Resource } from './types.ts';
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
];

/** The resource a table names. A table that names none is a mistake in its declaration. */
export function resourceNamed(name: string): Resource {
  const resource = resources.find((candidate) => candidate.name === name);
  if (!resource)
    throw new TypeError(`no resource is called ${name}; known: ${resources.map((known) => known.name).join(', ')}`);
  return resource;
}
