import { snapshot } from '../strategies/index.ts';
import { collection, tenant } from './collection.ts';

const properties = [
  'id',
  'displayName',
  'givenName',
  'surname',
  'mail',
  'userPrincipalName',
  'jobTitle',
  'officeLocation',
  'mobilePhone',
  'businessPhones',
  'preferredLanguage',
  'accountEnabled',
  'userType',
];

export const users = collection({
  name: 'users',
  description: 'All users of the directory, guests included.',
  of: tenant,
  gives: 'user-id',
  knownBy: ['displayName', 'userPrincipalName'],
  byName: {
    sign: '@',
    route: '/users/{user-id}',
    query: '$select=id,displayName,userPrincipalName',
    permissions: ['User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All'],
    source: 'https://learn.microsoft.com/en-us/graph/api/user-get',
  },
  // A cast is an advanced query: https://learn.microsoft.com/en-us/graph/aad-advanced-queries
  inGroup: {
    route: '/groups/{group-id}/transitiveMembers/microsoft.graph.user',
    query: '$select=id,userPrincipalName&$top=999&$count=true',
    headers: { ConsistencyLevel: 'eventual' },
    permissions: ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'],
    pageSize: 999,
    source: 'https://learn.microsoft.com/en-us/graph/api/group-list-transitivemembers',
  },
  // The administrator who consented is one.
  mustHold: { what: 'any user, though a tenant has an administrator', values: {} },
  reads: [
    {
      strategy: snapshot,
      filter: {
        takes: 'one',
        properties: {
          accountEnabled: { operators: ['eq'] },
          userType: { operators: ['eq'] },
          mail: { operators: ['eq'] },
          userPrincipalName: { operators: ['eq'] },
        },
      },
      route: '/users',
      query: `$select=${properties.join(',')}&$top=999`,
      permissions: ['User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All'],
      pageSize: 999,
      source: 'https://learn.microsoft.com/en-us/graph/api/user-list',
    },
  ],
});
