import { startBackend } from '../../helpers/backend';
import { joinTarget, startHost } from '../../helpers/host';
import { SECRET } from '../../helpers/tokens';

jest.mock('jose', () => {
  throw new Error('jose is loaded');
});

test('what verifies tokens is loaded only where tokens are asked for', async () => {
  const backend = await startBackend((question) => question.yes());
  await (await startHost()).join('room', 'anna');
  const { open } = await startHost({ authUrl: backend.url });
  await open(`${joinTarget('room', 'anna')}&token=t`).until('anna');
  await expect(startHost({ jwtSecret: SECRET })).rejects.toThrow('jose is loaded');
});
