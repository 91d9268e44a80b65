import type { Sink } from '../http/types.ts';

/** One page to read. */
export interface PageRequest {
  /** Path below the version root (`/teams/…?$top=50`) or a whole link that an earlier page gave. */
  readonly url: string;
  /** Route template, for limits and telemetry. */
  readonly route: string;
  readonly ids?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** `single`: the body is one object, not a list (GET /teams/{id}). Default `list`. */
  readonly shape?: 'list' | 'single' | undefined;
  /** `delta`: exactly one of nextLink and deltaLink is due. */
  readonly delta?: boolean | undefined;
  /** At most so many attempts: a page that is known to fail is not tried as often as another. Default of the client. */
  readonly attempts?: number | undefined;
  /** True: also report `replies@odata.nextLink`s. */
  readonly replies?: boolean | undefined;
}

/** One page as bytes. Nothing of it was parsed but its links. `bytes` is always a `{"value":[…]}` page, also for single objects. */
export interface Page {
  readonly bytes: Uint8Array;
  /** Where it was read: links in its records may be relative to it. */
  readonly url?: string | undefined;
  readonly nextLink?: string | undefined;
  readonly deltaLink?: string | undefined;
  /** Absolute links to further inline replies, in page order. */
  readonly replyLinks: readonly string[];
  readonly requestId?: string | undefined;
  /** When the answer arrived, ms. */
  readonly receivedAtMs: number;
  /** The service's own clock (`Date` header), ms; equals `receivedAtMs` when the header is absent. */
  readonly serviceTimeMs: number;
}

/** Bytes to read that are no page: a picture. */
export type FileRequest = Pick<PageRequest, 'url' | 'route' | 'ids' | 'attempts'>;

/** What an answer says of the bytes that follow. */
export interface FileHead {
  readonly contentType: string | undefined;
  /** How many follow, when it says so. */
  readonly size: number | undefined;
}

/** Whose data a client reads. */
export interface GraphSource {
  readonly tenantId: string;
  /** Name of the Microsoft cloud, or the host of another Graph: `twin` on this machine. */
  readonly cloud: string;
}

/** What the rest of Sluice needs of Graph. */
export interface GraphClient {
  /** Reads one page. Throws a typed SluiceError for every refusal (after the retries that its rule allows). */
  page(request: PageRequest, signal?: AbortSignal): Promise<Page>;
  /**
   * Reads bytes, piece by piece.
   *
   * @param receive - asked once by each attempt: a later one begins anew. What it or its sink throws ends the request.
   */
  file(request: FileRequest, receive: (head: FileHead) => Promise<Sink>, signal?: AbortSignal): Promise<void>;
  /** Application permissions in the token's `roles` claim. */
  permissions(signal?: AbortSignal): Promise<ReadonlySet<string>>;
  /** Whose data it reads: what the token says, else what the client was made with. Undefined: neither does. */
  source?(signal?: AbortSignal): Promise<GraphSource | undefined>;
  /** Requests so far, for plans and reports. */
  readonly stats: GraphStats;
  close(): Promise<void>;
}

export interface GraphStats {
  /** Requests sent, every attempt counted. */
  requests: number;
  /** Answers with 429. */
  throttled: number;
  /** Attempts after the first. */
  retried: number;
  /** Total time requests waited for the governor, ms. */
  waitedMs: number;
  /** True while some bucket is stopped by a Retry-After. */
  stopped: boolean;
  /** Requests sent by route template. */
  byRoute: Record<string, number>;
}
