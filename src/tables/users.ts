import { users as resource } from '../resources/users.ts';
import { table } from './table.ts';

export const users = table({
  name: 'users',
  description: 'The people of the tenant, guests included.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['id'],
  columns: {
    id: { type: 'id', description: 'User id.' },
    displayName: { type: 'string', description: 'Full name.' },
    givenName: { type: 'string', description: 'First name.' },
    surname: { type: 'string', description: 'Family name.' },
    userPrincipalName: { type: 'string', description: 'Sign-in name.' },
    mail: { type: 'string', description: 'Mail address.' },
    jobTitle: { type: 'string', description: 'Job title.' },
    officeLocation: { type: 'string', description: 'Office.' },
    mobilePhone: { type: 'string', description: 'Mobile number.' },
    businessPhones: { type: { list: 'string' }, description: 'Business numbers; at most one is set.' },
    preferredLanguage: { type: 'string', description: 'Language, as in ISO 639-1.' },
    userType: { type: 'string', description: 'Member or Guest.' },
    accountEnabled: { type: 'boolean', description: 'False: cannot sign in.' },
  },
});
