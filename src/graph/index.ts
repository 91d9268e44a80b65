export type { Credential } from '../auth/credential.ts';
export { createGraphClient, type GraphClientOptions, type GraphIdentity } from './client.ts';
export type { GraphClient, GraphStats, Page, PageRequest } from './types.ts';
