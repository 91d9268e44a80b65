/** One request to the connector: `path` is below the conversation, its ids not encoded yet. */
export interface ConnectorRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly serviceUrl: string;
  readonly route: keyof typeof routes;
  /** Undefined: one is made. */
  readonly conversationId?: string | undefined;
  readonly activityId?: string | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: object | undefined;
  /** Whose windows it counts in. */
  readonly tenantId: string;
  /** Default `safely`: what may have been done is not done again. `always`: it may be done twice; `never`: one attempt. */
  readonly repeats?: 'safely' | 'always' | 'never' | undefined;
}

/** Asks the connector. */
export type Connector = (request: ConnectorRequest, signal?: AbortSignal) => Promise<unknown>;

/** @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference */
export const routes = {
  conversations: '/v3/conversations',
  activities: '/v3/conversations/{conversation-id}/activities',
  activity: '/v3/conversations/{conversation-id}/activities/{activity-id}',
  members: '/v3/conversations/{conversation-id}/pagedMembers',
} as const;
