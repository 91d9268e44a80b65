import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseCardSource } from '../cards/parse-card.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { NotifierKind } from '../notifiers/kind.ts';
import { houseKinds, isBots } from '../notifiers/kinds.ts';
import { outboxSection } from '../outbox/section.ts';
import { routingSchema } from '../router/config/schema.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { closed, filled } from '../settings/fields.ts';
import type { ReferenceSources } from '../settings/references.ts';
import { botAccessOf } from './bot-access.ts';
import { configured, fieldKit, type SectionShapes, sectionShapes } from './notifiers.ts';
import { receiverSchema, receiversOf } from './receivers.ts';
import { type SectionName, SHARED_SECTION } from './section-names.ts';
import { attendanceSection } from './sections/attendance.ts';
import { authSection } from './sections/auth.ts';
import { botSection } from './sections/bot.ts';
import { cardsSection } from './sections/cards.ts';
import { endpointsSection } from './sections/endpoints.ts';
import { lakeSection } from './sections/lake.ts';
import { logLevel } from './sections/log-level.ts';
import { multiTenantSection } from './sections/multi-tenant.ts';
import { networkSection } from './sections/network.ts';
import { resilienceSection } from './sections/resilience.ts';
import { serverSection } from './sections/server.ts';

const named = <Value extends z.ZodType>(value: Value) =>
  z.record(z.string().regex(/^[\w.-]{1,100}$/, 'A name has letters, digits, "_", "." and "-", at most 100.'), value);

/**
 * The one schema of `sluice.yaml`, environment variables and flags. Unknown keys are refused. Secrets come out as
 * {@link Secret}, and no fault repeats a value.
 *
 * @param sources - where references to secrets and files lead
 * @param kinds - the notifiers that receivers may have
 */
export function configSchema(sources: ReferenceSources, kinds: readonly NotifierKind[] = houseKinds) {
  const kit = fieldKit(sources);
  const own = sectionShapes(kinds, kit);
  const { path } = kit;

  /** Read with the configuration, so that a card that is no JSON stops the start and not a message. */
  const template = path.transform((file, context): unknown => {
    sources.onFile?.(file);
    try {
      return parseCardSource(readFileSync(file), file);
    } catch (error) {
      const message = isSluiceError(error) ? error.message : `The file ${file} cannot be read.`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  });

  const sections = {
    auth: authSection.schema(sources).prefault({}),
    endpoints: endpointsSection.schema(sources).prefault({}),
    network: networkSection.schema(sources).prefault({}),
    resilience: resilienceSection({ ...own[SHARED_SECTION] })
      .schema(sources)
      .prefault({}),
    multi_tenant: multiTenantSection.schema(sources).prefault({}),
    cards: cardsSection.schema(sources).prefault({}),
    notifiers: z
      .array(filled)
      .default([])
      .describe('Notifiers beside those of Sluice: names of packages, or paths of modules that begin with "./".'),
    receivers: named(receiverSchema(kinds, kit)).default({}),
    templates: named(template).default({}).describe('Card templates: name to JSON file.'),
    routing: routingSchema.optional(),
    lake: lakeSection(systemRuntime.now()).schema(sources).prefault({}),
    attendance: attendanceSection.schema(sources).prefault({}),
    outbox: outboxSection.schema(sources).prefault({}),
    server: serverSection.schema(sources).prefault({}),
    bot: botSection.schema(sources).prefault({}),
    log_level: logLevel,
  } satisfies Record<SectionName, z.ZodType>;
  return closed({ ...notifierSections(own), ...sections }).transform((given, context) => {
    const notifiers = configured(kinds, given, kit);
    const refuse = (path: readonly PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    const receivers = receiversOf(given.receivers, notifiers, refuse);
    for (const [name, { template: wanted }] of Object.entries(receivers)) {
      if (wanted === undefined || Object.hasOwn(given.templates, wanted)) continue;
      const valid = Object.keys(given.templates).join(', ') || 'none is defined';
      refuse(['receivers', name, 'template'], `Unknown template. Valid: ${valid}.`);
    }
    const config = { ...given, notifiers, receivers };
    for (const [name, { kind }] of Object.entries(receivers)) {
      if (!isBots(kind) || botAccessOf(config)) continue;
      refuse(
        ['receivers', name],
        'A bot is needed for it: bot.app_id, bot.app_secret, and auth.tenant_id or bot.tenants.',
      );
    }
    checkTenants(config, refuse);
    return config;
  });
}

/** The sections that belong to notifiers alone. */
function notifierSections(own: SectionShapes): object {
  const { [SHARED_SECTION]: _, ...alone } = own;
  return Object.fromEntries(Object.entries(alone).map(([name, fields]) => [name, closed(fields).prefault({})]));
}

/** A configuration without faults. */
export type SluiceConfig = z.output<ReturnType<typeof configSchema>>;

type TenantsConfig = Pick<SluiceConfig, 'multi_tenant' | 'server'> & {
  readonly receivers: Readonly<Record<string, { readonly tenant?: string | undefined }>>;
};

/** Each key and each receiver belongs to a tenant that is allowed: nothing is shared by oversight. */
function checkTenants(config: TenantsConfig, refuse: (path: readonly PropertyKey[], message: string) => void): void {
  const { enabled, allowed_tenants: allowed, isolation } = config.multi_tenant;
  if (!enabled) return;
  const check = (tenant: string | undefined, path: PropertyKey[], needed: boolean) => {
    if (tenant === undefined ? !needed : allowed.includes(tenant)) return;
    refuse(path, `Expected one of: ${allowed.join(', ')}.`);
  };
  config.server.api_keys.forEach(({ tenant }, index) => {
    check(tenant, ['server', 'api_keys', index, 'tenant'], true);
  });
  for (const [name, { tenant }] of Object.entries(config.receivers)) {
    check(tenant, ['receivers', name, 'tenant'], isolation === 'strict');
  }
}

/** The schema for editors: JSON Schema draft 2020-12 of what may stand in `sluice.yaml`. */
export function configJsonSchema(): Record<string, unknown> {
  const sources = { environment: {}, folder: '.' };
  return z.toJSONSchema(configSchema(sources), { io: 'input', unrepresentable: 'any' });
}
