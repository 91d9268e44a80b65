import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinUser } from '../tenant/types.ts';
import type { GraphCall } from './call.ts';
import { entity, recordPage } from './page.ts';
import { equalityFilter, selectProperties } from './query-options.ts';
import type { GraphRoute } from './route.ts';

const type = 'microsoft.graph.user';
const roles = ['User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All'];
const top = { default: 100, maximum: 999 };

/** Returned without `$select`: these eleven. https://learn.microsoft.com/en-us/graph/api/user-list */
const defaults = (user: TwinUser) => ({
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
});

const whole = (user: TwinUser) => ({ ...defaults(user), accountEnabled: user.accountEnabled, userType: user.userType });

const record = (call: GraphCall, user: TwinUser) =>
  call.query.has('$select') ? selectProperties(whole(user), call.query, type) : defaults(user);

function directoryPageSize(query: URLSearchParams): number {
  const text = query.get('$top');
  if (text === null) return top.default;
  const size = Number(text);
  if (Number.isInteger(size) && size >= 1 && size <= top.maximum) return size;
  throw new GraphRefusal(
    refusals.unsupportedQuery(
      `Invalid page size specified: '${text}'. Must be between 1 and ${top.maximum} inclusive.`,
    ),
  );
}

export const userRoutes: readonly GraphRoute[] = [
  {
    pattern: '/users',
    roles,
    query: { top: true, allowed: ['$select', '$filter', '$count'] },
    directory: true,
    handle: (call) => {
      const keep = equalityFilter(call.query, ['accountEnabled', 'userType', 'mail', 'userPrincipalName', 'id']);
      const records = call.tenant
        .users()
        .filter((user) => keep({ ...user }))
        .map((user) => record(call, user));
      const size = directoryPageSize(call.query);
      // Advanced queries need the header: without it $count is ignored.
      const count = call.query.has('$count') && call.request.header('consistencylevel')?.toLowerCase() === 'eventual';
      return recordPage(call, { context: 'users', path: '/users', size, count }, records);
    },
  },
  {
    // https://learn.microsoft.com/en-us/graph/api/user-get
    pattern: '/users/{user-id}',
    roles,
    query: { allowed: ['$select'] },
    directory: true,
    handle: (call) => {
      const id = call.ids['user-id']!;
      const user = call.tenant.user(id) ?? call.tenant.users().find((one) => one.userPrincipalName === id);
      if (!user) throw new GraphRefusal(refusals.resourceNotFound(id));
      return entity(call, 'users/$entity', record(call, user));
    },
  },
];
