import { once } from 'node:events';
import { startBackend } from '../../helpers/backend';
import type { TestClient } from '../../helpers/client';
import { joinTarget, startHost } from '../../helpers/host';
import { clientFrame, handshakeFor } from '../../helpers/raw-client';
import { hsToken, SECRET } from '../../helpers/tokens';

const TARGET = `${joinTarget('room', 'ben')}&token=t`;

describe('while its credentials are checked', () => {
  async function startChecking() {
    const backend = await startBackend();
    const { open, host, raw } = await startHost({ authUrl: backend.url });
    const joined: string[] = [];
    host.events.on('joined', ({ streamName }) => joined.push(streamName));
    const letIn = async (streamName: string) => {
      const client = open(`${joinTarget('room', streamName)}&token=t`);
      (await backend.next()).yes();
      await client.next();
      return client;
    };
    return { backend, open, host, raw, joined, letIn };
  }

  test('a client hears nothing, and nobody hears of it', async () => {
    const { backend, open, letIn } = await startChecking();
    const anna = await letIn('anna');
    const ben = open(TARGET);
    await once(ben.ws, 'open');
    const question = await backend.next();
    await letIn('carl');
    expect(await anna.nextStreams()).toEqual(['anna', 'carl']);
    expect(ben.unread()).toEqual([]);
    question.no();
    await ben.closed;
    expect(anna.unread()).toEqual([]);
  });

  test('what a client sends is ignored', async () => {
    const { backend, open } = await startChecking();
    const ben = open(TARGET);
    await once(ben.ws, 'open');
    ben.ws.send('hello');
    ben.ws.send(Buffer.from([1, 2, 3]));
    ben.ws.ping();
    await once(ben.ws, 'pong');
    (await backend.next()).yes();
    expect(await ben.nextStreams()).toEqual(['ben']);
  });

  test.each<[string, (client: TestClient) => void]>([
    ['resets', (client) => client.reset()],
    ['hangs up', (client) => client.ws.terminate()],
    ['leaves', (client) => client.ws.close(1000)],
    ['sends a frame that is too large', (client) => client.ws.send('x'.repeat(5_000))],
    [
      'floods',
      (client) => {
        for (let count = 0; count < 100; count++) client.ws.send('x'.repeat(1_000));
      },
    ],
  ])('a client that %s joins nothing, and the backend is not kept busy', async (_what, goAway) => {
    const { backend, open, host, joined, letIn } = await startChecking();
    const ben = open(TARGET);
    await once(ben.ws, 'open');
    const question = await backend.next();
    const authorised = once(host.events, 'authorised');
    goAway(ben);
    expect(await question.over).toBe(false);
    expect(await authorised).toMatchObject([{ outcome: 'gone' }]);
    await letIn('anna');
    expect(joined).toEqual(['anna']);
  });

  test('a frame that breaks the protocol ends it', async () => {
    const { backend, raw, host, joined } = await startChecking();
    const ben = await raw();
    ben.sendHandshake(TARGET);
    const question = await backend.next();
    const authorised = once(host.events, 'authorised');
    ben.send(clientFrame(0xff, 'x'));
    expect(await question.over).toBe(false);
    expect(await authorised).toMatchObject([{ outcome: 'gone' }]);
    expect(joined).toEqual([]);
    ben.reset();
  });

  test('resets at any moment cost nothing', async () => {
    const backend = await startBackend((question) => question.yes());
    const { raw, open, host } = await startHost({ authUrl: backend.url });
    const handshake = handshakeFor(TARGET);
    for (const bytes of [0, 1, 40, handshake.length - 1, handshake.length]) {
      const client = await raw();
      client.send(handshake.slice(0, bytes));
      client.reset();
    }
    for (let count = 0; count < 10; count++) {
      const client = open(`${joinTarget('room', 'carl')}&token=t`);
      while ((await backend.next()).body.streamID !== 'carl');
      client.reset();
    }
    const anna = open(`${joinTarget('room', 'anna')}&token=t`);
    await anna.until('anna');
    await anna.leave();
    expect(host.roomCount).toBe(0);
  });

  test('closing the host ends it with 1001, and a yes comes too late', async () => {
    const { backend, open, host, joined } = await startChecking();
    const ben = open(TARGET);
    const question = await backend.next();
    const closing = host.close();
    expect(await ben.closed).toEqual({ code: 1001, reason: 'the host is going away' });
    expect(await question.over).toBe(false);
    await closing;
    expect(joined).toEqual([]);
  });

  test('draining the host ends it when the answer has come', async () => {
    const backend = await startBackend();
    const { open, host } = await startHost({ authUrl: backend.url, drainTimeout: 60 });
    const anna = open(`${joinTarget('room', 'anna')}&token=t`);
    (await backend.next()).yes();
    await anna.next();
    const ben = open(TARGET);
    const question = await backend.next();
    const closing = host.close();
    question.yes();
    expect(await ben.closed).toMatchObject({ code: 1001 });
    await anna.leave();
    await closing;
  });

  test('a room may fill up', async () => {
    const backend = await startBackend();
    const { open } = await startHost({ authUrl: backend.url, maxRoomSize: 1 });
    const [anna, ben] = [open(`${joinTarget('room', 'anna')}&token=t`), open(TARGET)];
    const questions = [await backend.next(), await backend.next()];
    for (const question of questions) question.yes();
    const outcomes = await Promise.all([anna, ben].map((client) => client.next().catch(() => client.closed)));
    expect(outcomes).toContainEqual({ code: 4429, reason: 'the room is full' });
    expect(outcomes).toContainEqual({ room: 'room', streams: [expect.any(String)] });
  });
});

test('clients that reset while their token is verified cost nothing', async () => {
  const { open, raw, host } = await startHost({ jwtSecret: SECRET });
  const target = `${joinTarget('room', 'ben')}&token=${hsToken()}`;
  for (let count = 0; count < 20; count++) {
    const client = await raw();
    client.sendHandshake(target);
    client.reset();
  }
  const anna = open(`${joinTarget('room', 'anna')}&token=${hsToken()}`);
  await anna.until('anna');
  await anna.leave();
  expect(host.roomCount).toBe(0);
});
