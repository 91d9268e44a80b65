/** What a webhook URL is, by its form. `configured`: its exact host was added by configuration. */
export type WebhookKind = 'workflow' | 'workflow-legacy-host' | 'connector-retired' | 'configured' | 'unknown';

export interface HostRow {
  readonly kind: 'workflow' | 'workflow-legacy-host' | 'connector-retired';
  readonly cloud: 'public' | 'usgov-gcc' | 'usgov' | 'usgov-gcc-high' | 'usgov-dod' | 'china';
  /** A whole host name, or an ending that begins with a dot. Lower case. */
  readonly host: string;
  /** Fewest labels that stand before an ending. */
  readonly labelsBefore: number;
  /** The path begins with one of these. Lower case. */
  readonly paths: readonly string[];
  readonly source: string;
}

const FLOW_PATHS = ['/powerautomate/automations/direct/'] as const;
const LOGIC_PATHS = ['/workflows/', '/powerautomate/automations/direct/'] as const;

const source = {
  environments:
    'https://github.com/microsoft/Agents-for-js/blob/main/packages/agents-copilotstudio-client/src/powerPlatformEnvironment.ts',
  logicApps: 'https://learn.microsoft.com/powershell/module/az.logicapp/get-azlogicapptriggercallbackurl',
  naming: 'inferred from the naming of the cloud; refused either way',
  connectors: 'https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using',
} as const;

/** The environment's id is two labels; cloud by cloud only the ending differs. */
const workflow = (cloud: HostRow['cloud'], host: string): HostRow => ({
  kind: 'workflow',
  cloud,
  host,
  labelsBefore: 2,
  paths: FLOW_PATHS,
  source: source.environments,
});

const logicApp = (cloud: HostRow['cloud'], host: string, from: string): HostRow => ({
  kind: 'workflow-legacy-host',
  cloud,
  host,
  labelsBefore: 1,
  paths: LOGIC_PATHS,
  source: from,
});

const connector = (host: string, labelsBefore: number, path: string): HostRow => ({
  kind: 'connector-retired',
  cloud: 'public',
  host,
  labelsBefore,
  paths: [path],
  source: source.connectors,
});

/** Every host form of Teams webhooks, of today and of before. A host that is not here is refused. */
export const hostRows: readonly HostRow[] = [
  workflow('public', '.environment.api.powerplatform.com'),
  workflow('usgov-gcc', '.environment.api.gov.powerplatform.microsoft.us'),
  workflow('usgov-gcc-high', '.environment.api.high.powerplatform.microsoft.us'),
  workflow('usgov-dod', '.environment.api.appsplatform.us'),
  workflow('china', '.environment.api.powerplatform.partner.microsoftonline.cn'),
  logicApp('public', '.logic.azure.com', source.logicApps),
  logicApp('usgov', '.logic.azure.us', source.naming),
  logicApp('china', '.logic.azure.cn', source.naming),
  connector('.webhook.office.com', 1, '/webhookb2/'),
  connector('outlook.office.com', 0, '/webhook/'),
  connector('outlook.office365.com', 0, '/webhook/'),
];

/** The credential and what it signs. A URL without them was cut, usually at the first `&`. */
export const requiredQuery = ['api-version', 'sp', 'sv', 'sig'] as const;

/** Compares at a label border, never inside a label. `host` is lower case, as URL parsing gives it. */
export function findHostRow(host: string): HostRow | undefined {
  return hostRows.find((row) => {
    if (!row.host.startsWith('.')) return host === row.host;
    if (!host.endsWith(row.host)) return false;
    const labels = host.slice(0, -row.host.length).split('.');
    return labels.length >= row.labelsBefore && labels.every((label) => label !== '');
  });
}
