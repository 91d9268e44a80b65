import { type BotServiceOptions, botService } from './bot/bot-service.ts';
import { graphService } from './graph/graph-service.ts';
import { identityService } from './login/identity-endpoint.ts';
import { loginService } from './login/login-service.ts';
import type { TwinServiceKind } from './service.ts';
import { type WebhookServiceOptions, webhookService } from './webhooks/webhook-routes.ts';

/** Options of a twin that are its services' own. */
export interface ServiceOptions extends WebhookServiceOptions, BotServiceOptions {}

/** Every service of the twin. The first that knows a path answers; what login has begins with any tenant's name. */
export const serviceKinds: readonly TwinServiceKind<ServiceOptions>[] = [
  graphService,
  botService,
  webhookService,
  identityService,
  loginService,
];
