import type { GraphCall } from '../graph/call.ts';
import { entity } from '../graph/page.ts';
import { selectProperties } from '../graph/query-options.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { generatePeople } from '../tenant/generator/people.ts';
import { duplicate, readRecords } from '../tenant/lines.ts';
import type { TwinUser } from '../tenant/types.ts';
import { UserLine, userOfLine } from '../tenant/user-line.ts';
import type { TwinCollection } from './collection.ts';
import { type GraphRecord, listRoute } from './list-route.ts';

const DOMAIN = 'northwind.example';

const type = 'microsoft.graph.user';
const roles = ['User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All'];

/** All that can be selected. */
const whole = (user: TwinUser): GraphRecord => ({
  businessPhones: user.businessPhones,
  displayName: user.displayName,
  givenName: user.givenName,
  id: user.id,
  jobTitle: user.jobTitle,
  mail: user.mail,
  mobilePhone: user.mobilePhone,
  officeLocation: user.officeLocation,
  preferredLanguage: user.preferredLanguage,
  surname: user.surname,
  userPrincipalName: user.userPrincipalName,
  accountEnabled: user.accountEnabled,
  userType: user.userType,
});

/** Returned without `$select`: the first eleven. https://learn.microsoft.com/en-us/graph/api/user-list */
const shown = ({ accountEnabled: _, userType: __, ...defaults }: GraphRecord): GraphRecord => defaults;

/** The user of the path, by id or by name. */
export function userOf({ tenant, ids }: GraphCall): TwinUser {
  const id = ids['user-id']!;
  const user = tenant.user(id) ?? tenant.users().find(({ userPrincipalName }) => userPrincipalName === id);
  if (!user) throw new GraphRefusal(refusals.resourceNotFound(id));
  return user;
}

export const users: TwinCollection = {
  name: 'users',
  permissions: ['User.Read.All'],
  routes: [
    listRoute({
      pattern: '/users',
      roles,
      directory: true,
      path: '/users',
      records: ({ tenant }) => tenant.users().map(whole),
      filter: ['accountEnabled', 'userType', 'mail', 'userPrincipalName', 'id'],
      type,
      shown,
      top: { default: 100, maximum: 999, isDirectory: true },
      // Advanced queries need the header: without it $count is ignored.
      count: ({ request }) => request.header('consistencylevel')?.toLowerCase() === 'eventual',
    }),
    {
      // https://learn.microsoft.com/en-us/graph/api/user-get
      pattern: '/users/{user-id}',
      roles,
      query: { allowed: ['$select'] },
      directory: true,
      handle: (call) => {
        const record = whole(userOf(call));
        const chosen = call.query.has('$select') ? selectProperties(record, call.query, type) : shown(record);
        return entity(call, 'users/$entity', chosen);
      },
    },
  ],
  ledger: {
    *users(tenant) {
      for (const { id } of tenant.users()) yield { id };
    },
  },
  files: [
    {
      name: 'users',
      records: (tenant) => tenant.users(),
      load: ({ tenant, dir }) =>
        readRecords(dir, 'users', UserLine, (record, position) => {
          if (tenant.user(record.id)) throw duplicate(position, record.id);
          tenant.addUser(userOfLine(record));
        }),
    },
  ],
  generate: (tenant, { options, random }) => {
    for (const user of generatePeople(random, Math.max(1, options.users), DOMAIN)) tenant.addUser(user);
  },
};
