import type { Endpoint } from '../graph/endpoint.ts';

const permissions = ['OnlineMeetings.Read.All', 'OnlineMeetings.ReadWrite.All'];

/** Finds an online meeting of a user by its join link; besides, the user needs an application access policy. */
export const onlineMeetingLookUp = {
  route: '/users/{user-id}/onlineMeetings',
  permissions,
  source: 'https://learn.microsoft.com/en-us/graph/api/onlinemeeting-get',
} as const satisfies Endpoint;
