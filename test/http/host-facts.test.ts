import { EventEmitter } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { ConferenceEvents } from '../../src/events';
import { LastRefusals } from '../../src/http/last-refusals';
import type { HostFacts } from '../../src/http/shapes';
import { joinTarget, startHost } from '../helpers/host';
import { askRaw } from '../helpers/http';
import { SECRET } from '../helpers/tokens';

interface Asking {
  readonly from?: string;
  readonly headers?: Record<string, string>;
}

async function facts(port: number, { from = `http://127.0.0.1:${port}`, headers }: Asking = {}) {
  const { status, body } = await askRaw(port, `/pages/host.json?origin=${encodeURIComponent(from)}`, headers);
  expect(status).toBe(200);
  return JSON.parse(body) as HostFacts;
}

describe('the start page asks the host', () => {
  test('how it is, and whether it wants a token', async () => {
    const open = await startHost();
    const answer = await facts(open.port);
    expect(answer).toMatchObject({ status: 'ok', ready: true, wants: 'nothing' });
    expect(answer).not.toHaveProperty('refusesPage');
    const closed = await startHost({ jwtSecret: SECRET });
    expect(await facts(closed.port)).toMatchObject({ wants: 'token' });
    const asking = await startHost({ authUrl: 'http://127.0.0.1:1' });
    expect(await facts(asking.port)).toMatchObject({ wants: 'login' });
  });

  test('where it is reached: at its own address, or at all of this machine', async () => {
    const one = await startHost({ host: '127.0.0.1' });
    expect((await facts(one.port)).addresses).toEqual([{ host: `127.0.0.1:${one.port}`, network: '' }]);
    const all = await startHost({ host: '0.0.0.0' });
    const { addresses } = await facts(all.port);
    const machine = Object.values(networkInterfaces()).flatMap((networks) => networks ?? []);
    const wanted = machine.filter(({ family, internal }) => family === 'IPv4' && !internal);
    expect(addresses.map(({ host }) => host).sort()).toEqual(
      [`localhost:${all.port}`, ...wanted.map(({ address }) => `${address}:${all.port}`)].sort(),
    );
  });

  test.each([
    ['came through a proxy', { 'X-Forwarded-For': '192.0.2.1' }],
    ['came through a proxy of another kind', { Via: '1.1 proxy' }],
    ['came to a container, asked at the address of its machine', { Host: '127.0.0.2' }],
    [
      'may come from a page of another site that has this address under its own name',
      { Host: 'evil.example' },
    ],
  ])('its addresses are nobody’s business if the question %s', async (_, headers) => {
    const { port } = await startHost();
    expect((await facts(port, { headers })).addresses).toEqual([]);
  });

  test('nor that of a client from afar', async () => {
    const { port } = await startHost({ trustProxy: ['loopback'] });
    expect((await facts(port, { headers: { 'X-Forwarded-For': '192.0.2.1' } })).addresses).toEqual([]);
  });

  test('whether its own WebSocket may connect, with what to do if not', async () => {
    const { port } = await startHost({ allowedOrigins: ['https://a.example'] });
    expect(await facts(port)).not.toHaveProperty('refusesPage');
    const headers = { Host: 'host.example' };
    expect(await facts(port, { from: 'http://host.example', headers })).toMatchObject({
      refusesPage: expect.stringMatching(/add http:\/\/host\.example to ALLOWED_ORIGINS/),
    });
  });

  test('what became of its last handshake, of which a page learns 1006', async () => {
    const { port, open } = await startHost({
      allowedOrigins: ['https://a.example'],
      trustProxy: ['loopback'],
    });
    const headers = { 'X-Forwarded-For': '192.0.2.1' };
    expect(await facts(port, { headers })).not.toHaveProperty('refused');
    const foreign = open(joinTarget('room', 'eve'), [], { origin: 'https://c.example', headers });
    await foreign.refusedWith();
    expect(await facts(port, { headers })).toMatchObject({ refused: 'foreign_origin' });
    await askRaw(port, '/?room=R', headers);
    expect(await facts(port, { headers })).toMatchObject({ refused: 'upgrade_required' });
    expect(await facts(port, { headers: { 'X-Forwarded-For': '192.0.2.2' } })).not.toHaveProperty('refused');
  });

  test('and may open WebSockets to the addresses that it was told, and to no others', async () => {
    const { port } = await startHost();
    const policy = async (host: string) => {
      const { headers } = await askRaw(port, '/', { Host: host });
      return /connect-src ([^;]*)/.exec(`${headers['content-security-policy']}`)?.[1];
    };
    const told = `127.0.0.1:${port}`;
    expect(await policy(`localhost:${port}`)).toBe(`'self' ws://${told} wss://${told}`);
    expect(await policy('evil.example')).toBe(`'self'`);
  });
});

test('what was refused is kept for few addresses, and not for long', () => {
  jest.useFakeTimers();
  const events = new EventEmitter<ConferenceEvents>();
  const refused = new LastRefusals(events);
  const refuse = (address: string, name = 'draining', code = 503) =>
    events.emit('refused', { name, code, reason: '', address });
  refuse('192.0.2.1');
  refuse('192.0.2.1', 'room_full', 4429);
  expect(refused.of('192.0.2.1')).toBe('draining');
  jest.advanceTimersByTime(30_000);
  expect(refused.of('192.0.2.1')).toBeUndefined();
  for (let number = 0; number <= 256; number++) refuse(`10.0.0.${number}`);
  expect(refused.of('10.0.0.0')).toBeUndefined();
  expect(refused.of('10.0.0.1')).toBe('draining');
  jest.useRealTimers();
});
