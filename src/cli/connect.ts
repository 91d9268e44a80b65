import type { Meter } from '@opentelemetry/api';
import { type Connection, connectionOf, connectionSections } from '../config/connection.ts';
import type { ConfigInput } from '../config/load.ts';
import { loadSections } from '../config/load-section.ts';
import type { Override } from '../config/variables.ts';
import { createGraphClient } from '../graph/client.ts';
import type { GraphClient } from '../graph/types.ts';
import { type Runtime, systemRuntime } from '../runtime/runtime.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { cliErrors } from './errors.ts';

/** What a command that talks to a tenant works with. */
export interface Connected {
  readonly connection: Connection;
  readonly graph: GraphClient;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
}

/** The tenant's configuration, and how to treat it. */
export interface ConnectInput extends ConfigInput {
  /** Which limits to keep. `none` is refused for a Microsoft cloud. */
  readonly limits?: 'published' | 'none';
  /** What variables of another name say. */
  readonly elsewhere?: readonly Override[] | undefined;
  /** Where metrics go; without it, to the SDK that the process has registered, if any. */
  readonly meter?: Meter | undefined;
}

/** Connects to the tenant that the configuration names, for one command. What is about sending is not looked at. */
export async function withConnection<T>(
  { limits, meter, ...input }: ConnectInput,
  use: (connected: Connected) => Promise<T>,
): Promise<T> {
  const config = loadSections(connectionSections, input);
  const connection = connectionOf(config);
  if (limits === 'none' && connection.graphUrl === undefined) throw cliErrors.limits_needed();
  const telemetry = createTelemetry({ meter, logger: createLogger({ level: config.log_level }) });
  const graph = createGraphClient({
    ...connection,
    telemetry,
    // Files of secrets and certificates are replaced while a run goes on.
    identity: { ...connection, credentialNow: () => connectionOf(loadSections(connectionSections, input)).credential },
    runtime: systemRuntime,
    ...(limits === 'none' && { limits: [] }),
  });
  try {
    return await use({ connection, graph, runtime: systemRuntime, telemetry });
  } finally {
    await graph.close();
  }
}
