import type { Silence } from '../../router/mute/silence.ts';
import type { RouterState } from '../../router/router.ts';

/** What a sender must not lose in a restart, besides its messages. Plain JSON. */
export interface SenderState {
  readonly router?: RouterState;
  readonly silences?: readonly Silence[];
}

/** One row of it, as it is stored. */
export interface StoredRow {
  readonly kind: string;
  readonly key: string;
  readonly value: string;
}
