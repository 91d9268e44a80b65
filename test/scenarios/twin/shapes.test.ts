import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calendars } from '../../../src/simulator/collections/calendar-store.ts';
import { teamTags } from '../../../src/simulator/collections/team-tags.ts';
import { graphRoutes } from '../../../src/simulator/graph/router.ts';
import { BEGIN_MS } from '../../support/fast-runtime.ts';
import { servedTwin, smallTenant, type TestTwin } from '../../support/served-twin.ts';

const openapi = JSON.parse(
  readFileSync(new URL('../../fixtures/graph-openapi.json', import.meta.url), 'utf8'),
) as Record<string, never>;

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true, logger: false });
addFormats.default(ajv);
ajv.addSchema(jsonSchema(openapi) as object, 'openapi');

/** OpenAPI 3.0 writes `nullable: true` where JSON Schema has a second type. */
function jsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(jsonSchema);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = node as Record<string, unknown>;
  const schema = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, jsonSchema(value)]));
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}

/** The service sends the count of a page of messages as a string, against its own description. */
const countAsNumber = (body: Record<string, unknown>) =>
  typeof body['@odata.count'] === 'string' ? { ...body, '@odata.count': Number(body['@odata.count']) } : body;

function faultsOf(route: string, body: unknown): unknown {
  const pointer = `${route.replaceAll('~', '~0').replaceAll('/', '~1')}/get/responses/200/content/application~1json/schema`;
  const validate = ajv.getSchema(`openapi#/paths/${encodeURIComponent(pointer).replaceAll('%2F', '/')}`)!;
  return validate(body) ? [] : validate.errors;
}

let served: TestTwin;
beforeAll(async () => {
  served = await servedTwin({ tenant: smallTenant({ chats: 4 }) });
});
afterAll(() => served[Symbol.asyncDispose]());

/** Routes of the documentation that the description leaves out, and the one that answers the same. */
const SAME: Readonly<Record<string, string>> = {
  // https://learn.microsoft.com/en-us/graph/api/chat-get
  '/users/{user-id}/chats/{chat-id}': '/chats/{chat-id}',
  // https://learn.microsoft.com/en-us/graph/api/chat-list-members
  '/users/{user-id}/chats/{chat-id}/members': '/chats/{chat-id}/members',
  // https://learn.microsoft.com/en-us/graph/api/chatmessage-list-hostedcontents
  '/users/{user-id}/chats/{chat-id}/messages/{chatMessage-id}/hostedContents':
    '/chats/{chat-id}/messages/{chatMessage-id}/hostedContents',
  '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}/replies/{reply-id}/hostedContents':
    '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}/hostedContents',
  // https://learn.microsoft.com/en-us/graph/api/userteamwork-list-installedapps
  '/users/{user-id}/teamwork/installedApps': '/teams/{team-id}/installedApps',
  // The arguments are one parameter of the twin's routes.
  ...Object.fromEntries(
    ['getPstnCalls', 'getDirectRoutingCalls'].map((name) => [
      `/communications/callRecords/${name}({arguments})`,
      `/communications/callRecords/${name}(fromDateTime={from},toDateTime={to})`,
    ]),
  ),
};

/** The description has another name for the ids of meetings. */
const describedAs = (pattern: string): string =>
  (SAME[pattern] ?? pattern).replace('{meeting-id}', '{onlineMeeting-id}');

const patterns = graphRoutes.map(({ pattern }) => pattern);

/** Routes that answer 200 and are in Microsoft's description. */
const described = patterns.filter((pattern) => describedAs(pattern) in openapi['paths']!);

function pathOf(pattern: string): string {
  const { tenant } = served.twin;
  const team = tenant.teams()[0]!;
  const channel = tenant
    .channels(team.id)
    .find(({ id }) => tenant.roots(id).some((root) => tenant.replies(root).length > 0))!;
  const root = tenant.roots(channel.id).find((one) => tenant.replies(one).length > 0)!;
  const chat = tenant.chats.all().find(({ id }) => tenant.chats.messages(id).length > 0)!;
  const meeting = [...calendars(tenant).meetings.values()].find(({ sessions }) => sessions.length > 0)!;
  const isOfChat = pattern.includes('{chat-id}');
  const ids: Record<string, string> = {
    'chat-id': chat.id,
    'team-id': team.id,
    'channel-id': channel.id,
    'chatMessage-id': isOfChat ? tenant.chats.messages(chat.id)[0]!.id : root.id,
    'reply-id': tenant.replies(root)[0]!.id,
    'teamworkTag-id': teamTags.of(tenant, team)[0]!.id,
    'user-id': pattern.includes('/onlineMeetings') ? meeting.organizerId : tenant.chats.members(chat.id)[0]!.user.id,
    'meeting-id': meeting.id,
    'report-id': meeting.sessions[0]!.id,
    'callRecord-id': tenant.calls().at(-1)!.id,
    arguments: `fromDateTime=${new Date(BEGIN_MS - 60 * 86_400_000).toISOString()},toDateTime=${new Date(BEGIN_MS).toISOString()}`,
  };
  const path = pattern.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(ids[name]!));
  return `${path}${queryOf(pattern, meeting.joinUrl)}`;
}

/** What a route does not answer without. */
function queryOf(pattern: string, joinUrl: string): string {
  if (pattern.endsWith('/calendarView')) return '?startDateTime=2020-01-01T00:00:00Z&endDateTime=2040-01-01T00:00:00Z';
  const filter = `JoinWebUrl eq '${joinUrl}'`;
  return pattern.endsWith('/onlineMeetings') ? `?$filter=${encodeURIComponent(filter)}` : '';
}

describe('answers have the shape that Microsoft describes', () => {
  it('covers every route but one that is always refused, and tags, segments, members of groups and single contents, which the description leaves out', () => {
    expect(patterns.filter((pattern) => !described.includes(pattern)).sort()).toEqual(
      [
        '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}/replies/delta',
        ...patterns.filter((pattern) => pattern.includes('{hostedContent-id}')),
        '/teams/{team-id}/tags',
        '/teams/{team-id}/tags/{teamworkTag-id}',
        '/teams/{team-id}/tags/{teamworkTag-id}/members',
        '/communications/callRecords/{callRecord-id}/sessions/{session-id}/segments',
        '/groups/{group-id}/transitiveMembers/microsoft.graph.user',
      ].sort(),
    );
  });

  it.each(described)('%s', async (pattern) => {
    const { status, body } = await served.get(pathOf(pattern), { prefer: 'include-unknown-enum-members' });
    expect(status).toBe(200);
    expect(faultsOf(describedAs(pattern), countAsNumber(body))).toEqual([]);
  });

  it('holds for replies that come inline', async () => {
    const pattern = '/teams/{team-id}/channels/{channel-id}/messages';
    const { body } = await served.get(`${pathOf(pattern)}?$expand=replies&$top=50`);
    expect(body.value.some(({ replies }: { replies: unknown[] }) => replies.length > 0)).toBe(true);
    expect(faultsOf(pattern, countAsNumber(body))).toEqual([]);
  });

  it('notices a wrong shape', () => {
    expect(faultsOf('/teams', { value: [{ id: 5 }] })).not.toEqual([]);
  });
});
