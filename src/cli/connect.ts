import { type Connection, connectionFromEnvironment } from '../config/connection.ts';
import { createGraphClient } from '../graph/client.ts';
import type { GraphClient } from '../graph/types.ts';
import { type Runtime, systemRuntime } from '../runtime/runtime.ts';
import type { Io } from './io.ts';

/** What a command that talks to a tenant works with. */
export interface Connected {
  readonly connection: Connection;
  readonly graph: GraphClient;
  readonly runtime: Runtime;
}

/** Connects to the tenant that the environment names, for one command. */
export async function withConnection<T>(io: Pick<Io, 'env'>, use: (connected: Connected) => Promise<T>): Promise<T> {
  const connection = connectionFromEnvironment(io.env);
  const graph = createGraphClient({
    identity: connection,
    cloud: connection.cloud,
    runtime: systemRuntime,
    maxRetries: connection.maxRetries,
    timeoutMs: connection.requestTimeoutMs,
    ...(connection.graphUrl !== undefined && { graphUrl: connection.graphUrl }),
    ...(connection.loginUrl !== undefined && { loginUrl: connection.loginUrl }),
  });
  try {
    return await use({ connection, graph, runtime: systemRuntime });
  } finally {
    await graph.close();
  }
}
