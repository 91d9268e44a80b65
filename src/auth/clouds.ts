import { authErrors } from './errors.ts';

/** Hosts of one Microsoft cloud. Tokens go to these hosts only. */
export interface Cloud {
  readonly loginHost: string;
  readonly graphHost: string;
  readonly sources: readonly string[];
}

const deployments = 'https://learn.microsoft.com/graph/deployments';
/** A constant in a Microsoft package; the page above has no such host. */
const teamsSdk = 'https://www.npmjs.com/package/@microsoft/teams.api/v/2.1.0 (dist/auth/cloud-environment.js)';

export const clouds = {
  public: { loginHost: 'login.microsoftonline.com', graphHost: 'graph.microsoft.com', sources: [deployments] },
  'usgov-gcc': { loginHost: 'login.microsoftonline.com', graphHost: 'graph.microsoft.com', sources: [deployments] },
  'usgov-gcc-high': { loginHost: 'login.microsoftonline.us', graphHost: 'graph.microsoft.us', sources: [deployments] },
  'usgov-dod': { loginHost: 'login.microsoftonline.us', graphHost: 'dod-graph.microsoft.us', sources: [deployments] },
  china: {
    loginHost: 'login.partner.microsoftonline.cn',
    graphHost: 'microsoftgraph.chinacloudapi.cn',
    sources: [teamsSdk, 'https://learn.microsoft.com/azure/bot-service/how-to-deploy-china-cloud'],
  },
} as const satisfies Record<string, Cloud>;

export type CloudName = keyof typeof clouds;

/** @throws SluiceError `unknown_value` naming the field and the known clouds */
export function findCloud(name: string, field = 'cloud'): Cloud {
  const names = Object.keys(clouds);
  if (!names.includes(name)) throw authErrors.unknown_value({ field, value: name, valid: names });
  return clouds[name as CloudName];
}

/** The scope that asks for every application permission the app has been granted. */
export const graphScope = (cloud: Cloud) => `https://${cloud.graphHost}/.default`;
