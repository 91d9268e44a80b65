import { defineErrors } from '../errors/define-errors.ts';

export const entityErrors = defineErrors('graph', {
  application_cannot_post: {
    recovery: 'user_action',
    cause:
      'A message was to be posted through Graph by an application alone. Graph takes messages of signed-in people only; an application may do nothing but import old ones.',
    remedy: 'Send by a webhook (`sluice send`, or `sluice/webhooks` in a program) or by a bot (`sluice/bot`).',
    example: { where: 'a channel' as 'a channel' | 'a chat' },
    says: ({ where }) => `An application cannot post to ${where} through Graph. Nothing was sent.`,
  },
});
