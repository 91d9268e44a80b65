import type { Writable } from './message.ts';
import { ChannelMessages, TeamMessages } from './message-indexes.ts';
import type { TwinChannel, TwinMember, TwinTeam } from './types.ts';

export interface TeamEntry {
  readonly team: Writable<TwinTeam>;
  channels: Writable<TwinChannel>[];
  incoming: Writable<TwinChannel>[];
  readonly members: Map<string, TwinMember>;
  readonly messages: TeamMessages;
}

export interface ChannelEntry {
  readonly channel: Writable<TwinChannel>;
  /** Null for a standard channel, which has its team's members. */
  readonly members: Map<string, TwinMember> | null;
  readonly messages: ChannelMessages;
}

interface GoneTeam {
  readonly entry: TeamEntry;
  readonly channelIds: readonly string[];
}

/** Teams and channels with what is in them. What is taken out keeps all it had, and can come back. */
export class TeamPlaces {
  readonly #teams = new Map<string, TeamEntry>();
  readonly #channels = new Map<string, ChannelEntry>();
  readonly #goneTeams = new Map<string, GoneTeam>();
  readonly #goneChannels = new Map<string, ChannelEntry>();
  #list: readonly TwinTeam[] | undefined;

  all(): readonly TwinTeam[] {
    this.#list ??= [...this.#teams.values()].map(({ team }) => team);
    return this.#list;
  }

  team(id: string): TeamEntry | undefined {
    return this.#teams.get(id);
  }

  channel(id: string): ChannelEntry | undefined {
    return this.#channels.get(id);
  }

  /** @throws RangeError when there is no such team */
  theTeam(id: string): TeamEntry {
    const entry = this.#teams.get(id);
    if (!entry) throw new RangeError(`No team ${id}.`);
    return entry;
  }

  /** @throws RangeError when there is no such channel */
  theChannel(id: string): ChannelEntry {
    const entry = this.#channels.get(id);
    if (!entry) throw new RangeError(`No channel ${id}.`);
    return entry;
  }

  /** Teams and channels that were taken out and can come back. */
  gone(): { readonly teamIds: readonly string[]; readonly channels: readonly TwinChannel[] } {
    const channels = [...this.#goneChannels.values()].map(({ channel }) => channel);
    return {
      teamIds: [...this.#goneTeams.keys()],
      channels: channels.filter(({ teamId }) => this.#teams.has(teamId)),
    };
  }

  addTeam(team: TwinTeam): void {
    this.#teams.set(team.id, { team, channels: [], incoming: [], members: new Map(), messages: new TeamMessages() });
    this.#list = undefined;
  }

  /** @returns its channels, which went with it */
  removeTeam(id: string): readonly ChannelEntry[] {
    const entry = this.theTeam(id);
    const { channels, incoming } = entry;
    this.#goneTeams.set(id, { entry, channelIds: channels.map((channel) => channel.id) });
    const removed = [...channels].map((channel) => this.removeChannel(channel.id));
    for (const channel of incoming)
      channel.sharedWithTeamIds = channel.sharedWithTeamIds.filter((other) => other !== id);
    this.#teams.delete(id);
    this.#list = undefined;
    return removed;
  }

  /** @returns false when no such team was removed */
  restoreTeam(id: string): boolean {
    const gone = this.#goneTeams.get(id);
    if (!gone) return false;
    this.#goneTeams.delete(id);
    this.#teams.set(id, gone.entry);
    this.#list = undefined;
    for (const channelId of gone.channelIds) this.restoreChannel(channelId);
    gone.entry.incoming = gone.entry.incoming.filter((channel) => this.#channels.has(channel.id));
    for (const channel of gone.entry.incoming) channel.sharedWithTeamIds = [...channel.sharedWithTeamIds, id];
    return true;
  }

  /** Teams of `sharedWithTeamIds` see it as an incoming one from now on, so they must exist. */
  addChannel(channel: TwinChannel): void {
    const members = channel.membershipType === 'standard' ? null : new Map<string, TwinMember>();
    this.#channels.set(channel.id, { channel, members, messages: new ChannelMessages() });
    this.theTeam(channel.teamId).channels.push(channel);
    for (const teamId of channel.sharedWithTeamIds) this.theTeam(teamId).incoming.push(channel);
  }

  removeChannel(id: string): ChannelEntry {
    const entry = this.theChannel(id);
    const { channel } = entry;
    this.#goneChannels.set(id, entry);
    const host = this.theTeam(channel.teamId);
    host.channels = host.channels.filter((other) => other !== channel);
    for (const team of this.#teams.values()) team.incoming = team.incoming.filter((other) => other !== channel);
    host.messages.keep((message) => message.channel !== channel);
    this.#channels.delete(id);
    return entry;
  }

  /** @returns false when no such channel was removed */
  restoreChannel(id: string): boolean {
    const entry = this.#goneChannels.get(id);
    if (!entry || !this.#teams.has(entry.channel.teamId)) return false;
    this.#goneChannels.delete(id);
    this.#channels.set(id, entry);
    const { channel, messages } = entry;
    this.theTeam(channel.teamId).channels.push(channel);
    for (const teamId of channel.sharedWithTeamIds) this.#teams.get(teamId)?.incoming.push(channel);
    this.exportOf(channel)?.restore(messages.changes(0));
    return true;
  }

  /** Null for shared channels, which the export call leaves out. */
  exportOf(channel: TwinChannel): TeamMessages | null {
    return channel.membershipType === 'shared' ? null : this.theTeam(channel.teamId).messages;
  }
}
