import { joinTarget, startHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { freePort } from '../helpers/redis';

jest.mock('../../src/http/admin', () => {
  throw new Error('the admin side is loaded');
});
jest.mock('../../src/backplane/redis-questions', () => {
  throw new Error('questions are loaded');
});

test('the admin side is loaded only where a token opens it', async () => {
  const { open } = await startHost();
  await open(joinTarget('room', 'anna')).until('anna');
  await expect(startHost({ adminToken: ADMIN_TOKEN })).rejects.toThrow('the admin side is loaded');
});

test('other nodes are asked only where there are some, and somebody may look', async () => {
  const redisUrl = `redis://127.0.0.1:${await freePort()}`;
  await startHost({ redisUrl });
  await expect(startHost({ redisUrl, adminToken: ADMIN_TOKEN })).rejects.toThrow('questions are loaded');
});
