import { describe, expect, it } from 'vitest';
import { applyEvent } from './events.ts';
import { generateTenant } from './generator.ts';
import { LEDGER_TABLES, ledger } from './ledger.ts';

const nowMs = Date.UTC(2026, 5, 1, 12);
const generate = () => generateTenant({ teams: 3, channels: 6, messages: 40, users: 40, chats: 12, seed: 8, nowMs });

const KEYS: Record<string, string> = {
  teams: 'id',
  channels: 'team_id id',
  members: 'team_id id',
  channel_members: 'team_id channel_id id',
  users: 'id',
  messages: 'team_id channel_id id',
  message_replies: 'team_id channel_id parent_message_id id',
  message_reactions: 'team_id channel_id root_message_id message_id user_id reaction_type',
  message_mentions: 'team_id channel_id root_message_id message_id id',
  message_attachments: 'team_id channel_id root_message_id message_id id',
  hosted_contents: 'team_id channel_id root_message_id message_id id',
  chats: 'id',
  chat_members: 'chat_id id',
  chat_messages: 'chat_id id',
  chat_message_reactions: 'chat_id message_id user_id reaction_type',
  chat_message_mentions: 'chat_id message_id id',
  chat_message_attachments: 'chat_id message_id id',
  chat_hosted_contents: 'chat_id message_id id',
  installed_apps: 'team_id id',
  chat_installed_apps: 'chat_id id',
  user_installed_apps: 'user_id id',
  tabs: 'team_id channel_id id',
  chat_tabs: 'chat_id id',
  team_tags: 'team_id id',
  team_tag_members: 'team_id tag_id id',
  call_records: 'id',
  call_sessions: 'call_id id',
  call_segments: 'call_id session_id id',
  call_participants: 'call_id id',
  pstn_calls: 'id',
  direct_routing_calls: 'id',
  events: 'user_id id',
  online_meetings: 'id',
  attendance_reports: 'meeting_id id',
  attendance_records: 'meeting_id report_id id',
  transcripts: 'meeting_id id',
  recordings: 'meeting_id id',
  attendance_intervals: 'meeting_id report_id record_id number',
};

describe('ledger', () => {
  it('has the key columns of every table, each key once', () => {
    const tenant = generate();
    expect([...LEDGER_TABLES].sort()).toEqual(Object.keys(KEYS).sort());
    for (const [table, columns] of Object.entries(KEYS)) {
      const rows = [...ledger(tenant, table)];
      const keys = rows.map((row) =>
        columns
          .split(' ')
          .map((column) => row[column])
          .join('|'),
      );
      expect(rows.length, table).toBeGreaterThan(0);
      expect(new Set(keys).size, table).toBe(rows.length);
      expect(keys.join(), table).not.toContain('undefined');
      expect(
        Object.keys(rows[0]!)
          .join(' ')
          .replace(/ lastModifiedDateTime.*/, ''),
        table,
      ).toBe(columns);
    }
  });

  it('follows a delete: the message stays with its times, what it carried goes', () => {
    const tenant = generate();
    const [reaction] = [...ledger(tenant, 'message_reactions')].filter(
      (row) => row['root_message_id'] === row['message_id'],
    );
    const target = { channelId: String(reaction!['channel_id']), messageId: String(reaction!['message_id']) };
    applyEvent(tenant, { type: 'delete', ...target }, nowMs + 250);
    const at = '2026-06-01T12:00:00.25Z';
    const mine = (row: Record<string, unknown>) =>
      row['channel_id'] === target.channelId && row['id'] === target.messageId;
    expect([...ledger(tenant, 'messages')].find(mine)).toMatchObject({ lastModifiedDateTime: at, deletedDateTime: at });
    expect([...ledger(tenant, 'message_reactions')]).not.toContainEqual(reaction);
  });

  it('is not disturbed by changes between two rows', () => {
    const tenant = generate();
    const before = [...ledger(tenant, 'message_replies')].length;
    let rows = 0;
    for (const _ of ledger(tenant, 'message_replies')) {
      rows += 1;
      if (rows % 10 === 0) applyEvent(tenant, { type: 'react' }, nowMs + rows);
    }
    expect(rows).toBe(before);
  });

  it('refuses an unknown table and names the known ones', () => {
    expect(() => ledger(generate(), 'toString')).toThrow(
      expect.objectContaining({ code: 'unknown_table', details: { field: 'table', valid: LEDGER_TABLES } }),
    );
  });
});
