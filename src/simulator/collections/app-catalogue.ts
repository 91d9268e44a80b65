import type { Random } from '../tenant/generator/chance.ts';
import { pick } from '../tenant/generator/chance.ts';
import type { TwinApp } from '../tenant/records.ts';

/** Apps that can also be the page behind a tab. */
export const tabApps: readonly TwinApp[] = [
  app('com.microsoft.teamspace.tab.web', 'Website', 'Pins a page of the web.'),
  app('com.microsoft.teamspace.tab.planner', 'Planner', 'Tasks of the team on a board.'),
  app('0d820ecd-def2-4297-adad-78056cde7c78', 'OneNote', 'A notebook for everybody.'),
];

const botApps: readonly TwinApp[] = [
  app('1542629c-01b3-4a6d-8f76-1938b779e48d', 'Polls', 'Asks questions and counts answers.'),
  {
    ...app('b1c5353a-7aca-41b3-830f-27d5218fe0e5', 'Northwind Orders', 'Tells a team of its orders.'),
    externalId: 'f31b1263-ad99-435a-a679-911d24850d7c',
    distributionMethod: 'organization',
    clientAppId: '7d1f9a07-21c9-4a0c-9d51-5b9b6a0f3c1e',
    permissions: ['ChannelMessage.Read.Group', 'TeamMember.Read.Group'],
  },
  // A value that came after the documentation was written.
  { ...app('8f4a1c1e-6a35-4d3a-9a2f-7c3d1f0b5e42', 'Field Notes', 'Being tried out.'), distributionMethod: 'preview' },
];

/** Everything that can be installed. */
export const apps: readonly TwinApp[] = [...tabApps, ...botApps];

/** The next version of an app. */
export function upgraded(one: TwinApp): TwinApp {
  const [major = '1', minor = '0'] = one.version.split('.');
  return { ...one, version: `${major}.${Number(minor) + 1}.0` };
}

export const anyApp = (random: Random, among: readonly TwinApp[] = apps): TwinApp => pick(random, among);

function app(id: string, displayName: string, shortDescription: string): TwinApp {
  const description = `${shortDescription} Made for demonstrations.`;
  return {
    id,
    displayName,
    externalId: null,
    distributionMethod: 'store',
    version: '1.0.0',
    shortDescription,
    description,
    clientAppId: null,
    permissions: [],
  };
}

type Json = Readonly<Record<string, unknown>>;

/** https://learn.microsoft.com/en-us/graph/api/resources/teamsapp */
export const appJson = ({ id, externalId, displayName, distributionMethod }: TwinApp): Json => ({
  id,
  externalId,
  displayName,
  distributionMethod,
});

/** https://learn.microsoft.com/en-us/graph/api/resources/teamsapppermissionset */
export const permissionSet = ({ permissions }: TwinApp): Json => ({
  resourceSpecificPermissions: permissions.map((permissionValue) => ({
    permissionValue,
    permissionType: 'application',
  })),
});

/** https://learn.microsoft.com/en-us/graph/api/resources/teamsappdefinition */
export function definitionJson(one: TwinApp): Json {
  const { id, displayName, version, shortDescription, description, clientAppId } = one;
  return {
    id: Buffer.from(`1##${id}##${version}##Published`).toString('base64'),
    teamsAppId: id,
    displayName,
    version,
    publishingState: 'published',
    shortDescription,
    description,
    lastModifiedDateTime: clientAppId === null ? null : '2025-11-03T08:15:27.3112034Z',
    createdBy:
      clientAppId === null
        ? null
        : { application: null, device: null, user: { id: clientAppId, displayName: 'Northwind IT' } },
    authorization: clientAppId === null ? null : { clientAppId, requiredPermissionSet: permissionSet(one) },
  };
}
