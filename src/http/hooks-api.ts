/** Sends the application a test, as an operator asks. */
import { webhookTestSchema } from './figures-schema';
import type { HttpParts } from './parts';
import { problem } from './problem';
import { route } from './route';

export function hooksRoutes({ hooks }: Pick<HttpParts, 'hooks'>) {
  return [
    route({
      method: 'post',
      path: '/webhook/test',
      summary: 'Send your application a webhook of the type `webhook.test`, at once and once only',
      answer: ['Whether it has arrived', webhookTestSchema],
      problems: { 404: 'There is no WEBHOOK_URL' },
      handle: ({ context }) =>
        hooks?.test() ?? problem(context, 404, 'not_found', 'there is no WEBHOOK_URL to send a webhook to'),
    }),
  ];
}
