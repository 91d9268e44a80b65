import type { TwinAnswer } from './exchange.ts';
import type { ExchangeIds } from './graph-refusal.ts';

const diagnostic = JSON.stringify({
  ServerInfo: { DataCenter: 'Twin', Slice: 'E', Ring: '5', ScaleUnit: '001', RoleInstance: 'TW1PEPF000000' },
});

/** Adds the headers that every Graph answer has. */
export function withGraphHeaders(answer: TwinAnswer, ids: ExchangeIds, dateSkewMs: number): TwinAnswer {
  return {
    ...answer,
    headers: {
      'request-id': ids.requestId,
      'client-request-id': ids.clientRequestId,
      'x-ms-ags-diagnostic': diagnostic,
      date: new Date(ids.nowMs + dateSkewMs).toUTCString(),
      'strict-transport-security': 'max-age=31536000',
      'cache-control': 'no-cache',
      ...answer.headers,
    },
  };
}
