import { startHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';

jest.mock('../../src/door/policies/policies', () => {
  throw new Error('policies are loaded');
});

test('what holds rules and bans is loaded only where an operator can set some', async () => {
  const { join } = await startHost({ metricsToken: ADMIN_TOKEN });
  await join('room', 'anna');
  await expect(startHost({ adminToken: ADMIN_TOKEN })).rejects.toThrow('policies are loaded');
});
