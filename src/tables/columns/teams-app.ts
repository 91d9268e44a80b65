import type { Column, ColumnType } from '../../schema/column.ts';
import { identitySet } from './identity.ts';

/** https://learn.microsoft.com/en-us/graph/api/resources/teamsapp */
const teamsApp = {
  struct: { id: 'id', externalId: 'id', displayName: 'string', distributionMethod: 'string' },
} as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/teamsapppermissionset */
const permissionSet = {
  struct: {
    resourceSpecificPermissions: { list: { struct: { permissionValue: 'string', permissionType: 'string' } } },
  },
} as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/teamsappdefinition */
const teamsAppDefinition = {
  struct: {
    id: 'string',
    teamsAppId: 'id',
    displayName: 'string',
    version: 'string',
    publishingState: 'string',
    shortDescription: 'string',
    description: 'string',
    lastModifiedDateTime: 'timestamp',
    createdBy: identitySet,
    authorization: { struct: { clientAppId: 'id', requiredPermissionSet: permissionSet } },
  },
} as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/teamsappinstallation */
export const installationColumns = {
  id: { type: 'string', description: 'Id of the installation; opaque, and not that of the app.' },
  teamsApp: { type: teamsApp, description: 'The app. distributionMethod: store, organization, sideloaded, …' },
  teamsAppDefinition: { type: teamsAppDefinition, description: 'The version that is installed.' },
  consentedPermissionSet: {
    type: permissionSet,
    description: 'Permissions of this place alone that were consented to when it was installed or upgraded.',
  },
} as const satisfies Record<string, Column>;

/** https://learn.microsoft.com/en-us/graph/api/resources/teamstab */
export const tabColumns = {
  id: { type: 'id', description: 'Tab id.' },
  displayName: { type: 'string', description: 'Name.' },
  webUrl: { type: 'string', description: 'Link to the tab.' },
  configuration: {
    type: { struct: { entityId: 'string', contentUrl: 'string', websiteUrl: 'string', removeUrl: 'string' } },
    description: 'What the tab shows. The meaning of each is up to the app.',
  },
  teamsApp: { type: teamsApp, description: 'The app behind it.' },
} as const satisfies Record<string, Column>;
