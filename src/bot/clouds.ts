import { type CloudName, findCloud } from '../auth/clouds.ts';
import { botErrors } from './errors.ts';

/** Hosts that a service URL may have: one name, or with `suffix` every name that ends so. */
export interface ServiceHost {
  readonly name: string;
  readonly match: 'exact' | 'suffix';
}

/** What a bot must know of its cloud. One issuer, one key set and one list of hosts: no second cloud is ever tried. */
export interface BotCloud {
  readonly issuer: string;
  readonly metadataUrl: string;
  /** What the bot's own token is asked for. */
  readonly scope: string;
  /** The tenant that a bot of several tenants signs in to. */
  readonly loginTenant: string;
  readonly serviceHosts: readonly ServiceHost[];
  readonly sources: readonly string[];
}

const AUTHENTICATION =
  'https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication';
const PROACTIVE =
  'https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages';
/** Constants of a Microsoft package; the pages above do not have them. */
const TEAMS_SDK = 'https://www.npmjs.com/package/@microsoft/teams.api/v/2.1.0 (dist/auth/cloud-environment.js)';

const exactly = (name: string): ServiceHost => ({ name, match: 'exact' });

const worldwide = {
  issuer: 'https://api.botframework.com',
  metadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  scope: 'https://api.botframework.com/.default',
  loginTenant: 'botframework.com',
};
const government = {
  issuer: 'https://api.botframework.us',
  metadataUrl: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
  scope: 'https://api.botframework.us/.default',
  loginTenant: 'MicrosoftServices.onmicrosoft.us',
};

/** The clouds as a bot sees them, by the names of {@link CloudName}. GCC has no preset of its own: it uses the public endpoints. */
export const botClouds = {
  public: {
    ...worldwide,
    serviceHosts: [exactly('smba.trafficmanager.net')],
    sources: [AUTHENTICATION, PROACTIVE],
  },
  'usgov-gcc': {
    ...worldwide,
    serviceHosts: [exactly('smba.infra.gcc.teams.microsoft.com')],
    sources: [PROACTIVE, 'https://learn.microsoft.com/graph/deployments'],
  },
  'usgov-gcc-high': {
    ...government,
    serviceHosts: [exactly('smba.infra.gov.teams.microsoft.us')],
    sources: [TEAMS_SDK, PROACTIVE],
  },
  'usgov-dod': {
    ...government,
    serviceHosts: [exactly('smba.infra.dod.teams.microsoft.us')],
    sources: [TEAMS_SDK, PROACTIVE],
  },
  china: {
    issuer: 'https://api.botframework.azure.cn',
    metadataUrl: 'https://login.botframework.azure.cn/v1/.well-known/openidconfiguration',
    scope: 'https://api.botframework.azure.cn/.default',
    loginTenant: 'microsoftservices.partner.onmschina.cn',
    serviceHosts: [
      { name: '.botframework.azure.cn', match: 'suffix' },
      exactly('smba.infra.partner.teams.microsoft.cn'),
    ],
    sources: [TEAMS_SDK, 'https://learn.microsoft.com/azure/bot-service/how-to-deploy-china-cloud'],
  },
} as const satisfies Record<CloudName, BotCloud>;

/** Where a bot's tokens, keys and conversations are: those of its cloud, or of a twin on this machine. */
export interface BotPlace {
  readonly issuer: string;
  readonly metadataUrl: string;
  /** Whether the bot's token may go there: asked of every activity, and again before every request. */
  isServiceUrl(url: string): boolean;
  /** Where a bot may begin when it has heard of nobody yet; undefined: nothing is published. */
  readonly proactiveUrl: string | undefined;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * The place of a cloud. A twin stands in for the hosts of its cloud, with keys and URLs of its own and the same checks.
 *
 * @throws SluiceError `unknown_value` for a cloud that is none, `bot_twin_invalid` for a twin that is not on this machine
 */
export function botPlace(cloud: CloudName, twinUrl?: string | undefined): BotPlace {
  findCloud(cloud);
  const { issuer, metadataUrl, serviceHosts }: BotCloud = botClouds[cloud];
  if (twinUrl === undefined) {
    const [host] = serviceHosts;
    const proactiveUrl = host?.match === 'exact' ? `https://${host.name}/teams/` : undefined;
    return { issuer, metadataUrl, proactiveUrl, isServiceUrl: (url) => isListed(url, serviceHosts) };
  }
  const twin = URL.canParse(twinUrl) ? new URL(twinUrl) : undefined;
  if (!twin || !/^https?:$/.test(twin.protocol) || !LOOPBACK.has(twin.hostname)) throw botErrors.bot_twin_invalid();
  const { pathname } = new URL(metadataUrl);
  return {
    issuer,
    metadataUrl: `${twin.origin}${pathname}`,
    proactiveUrl: `${twin.origin}/teams/`,
    isServiceUrl: (url) => plainUrl(url)?.origin === twin.origin,
  };
}

function isListed(url: string, hosts: readonly ServiceHost[]): boolean {
  const parsed = plainUrl(url);
  if (parsed?.protocol !== 'https:' || parsed.port !== '') return false;
  const { hostname } = parsed;
  return hosts.some(({ name, match }) => (match === 'exact' ? hostname === name : hostname.endsWith(name)));
}

/** A URL that says where it leads and nothing else: no name, no password, no query. */
function plainUrl(url: string): URL | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  const isPlain = parsed.username === '' && parsed.password === '' && parsed.search === '' && parsed.hash === '';
  return isPlain ? parsed : undefined;
}
