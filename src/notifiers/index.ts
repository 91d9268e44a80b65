export type { TeamsPayload } from '../cards/envelope.ts';
export type { HostProfile } from '../cards/host-profile.ts';
export type { HttpRequest, HttpResponse, Send } from '../http/types.ts';
export type { Blame, Window } from '../messages/types.ts';
export type { Secret } from '../runtime/secret.ts';
export {
  type Answer,
  type Delivery,
  type Endpoint,
  type Failure,
  type FieldFault,
  type FieldKit,
  type Fields,
  type NetworkSettings,
  NOTIFIER_API,
  type NotifierHost,
  type NotifierKind,
  type OpenNotifier,
  type Sections,
} from './kind.ts';
