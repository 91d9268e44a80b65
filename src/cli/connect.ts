import { type Connection, connectionOf } from '../config/connection.ts';
import { loadConfig } from '../config/load.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { createGraphClient } from '../graph/client.ts';
import type { GraphClient } from '../graph/types.ts';
import { type Runtime, systemRuntime } from '../runtime/runtime.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import type { Io } from './io.ts';

/** What a command that talks to a tenant works with. */
export interface Connected {
  readonly connection: Connection;
  readonly graph: GraphClient;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
}

export interface ConnectOptions {
  /** Which limits to keep. `none` is refused for a Microsoft cloud. */
  readonly limits?: 'published' | 'none';
}

/** Connects to the tenant that the environment names, for one command. */
export async function withConnection<T>(
  io: Pick<Io, 'env'>,
  options: ConnectOptions,
  use: (connected: Connected) => Promise<T>,
): Promise<T> {
  const { config } = loadConfig({ environment: io.env });
  const connection = connectionOf(config);
  if (options.limits === 'none' && connection.graphUrl === undefined) throw limitsNeeded();
  const telemetry = createTelemetry({ logger: createLogger({ level: config.log_level }) });
  const graph = createGraphClient({
    telemetry,
    identity: connection,
    cloud: connection.cloud,
    runtime: systemRuntime,
    maxRetries: connection.maxRetries,
    timeoutMs: connection.requestTimeoutMs,
    ...(options.limits === 'none' && { limits: [] }),
    ...(connection.graphUrl !== undefined && { graphUrl: connection.graphUrl }),
    ...(connection.loginUrl !== undefined && { loginUrl: connection.loginUrl }),
  });
  try {
    return await use({ connection, graph, runtime: systemRuntime, telemetry });
  } finally {
    await graph.close();
  }
}

function limitsNeeded(): SluiceError {
  return new SluiceError({
    code: 'limits_needed',
    recovery: 'user_action',
    surface: 'config',
    message: '--limits none: Microsoft Graph would only throttle the run.',
    hint: 'Leave it out, or set TEAMS_GRAPH_URL to a simulated tenant.',
  });
}
