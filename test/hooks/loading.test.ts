import { SECRET } from '../helpers/application';
import { joinTarget, startHost } from '../helpers/host';

jest.mock('../../src/hooks/create', () => {
  throw new Error('webhooks are loaded');
});

test('what tells an application is loaded only where there is one', async () => {
  const { open } = await startHost();
  await open(joinTarget('room', 'anna')).until('anna');
  const told = { webhookUrl: 'https://app.example/hooks', webhookSigningSecret: SECRET };
  await expect(startHost(told)).rejects.toThrow('webhooks are loaded');
});
