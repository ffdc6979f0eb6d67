import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HostOptions } from '../../src/host';
import { Application, SECRET } from '../helpers/application';
import { startHost } from '../helpers/host';
import { bodyOf, startWebServer, unusedUrl } from '../helpers/web-server';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const ok: Answer = (_request, response) => response.writeHead(204).end();

async function startApplication(answer: Answer = ok, port = 0) {
  const application = new Application();
  const server = await startWebServer(async (request, response) => {
    const body = await bodyOf(request);
    answer(request, response, body);
    if (response.statusCode === 204) application.take(request.headers, body);
  }, port);
  return { application, server };
}

const told = (webhookUrl: string): HostOptions => ({ webhookUrl, webhookSigningSecret: SECRET });

test('an application hears a room open, change and empty, in order', async () => {
  const { application, server } = await startApplication();
  const host = await startHost(told(`${server.url}/hooks?of=mine`));
  const alice = await host.join('salon', 'alice');
  await application.until(() => application.rooms.salon?.join() === 'alice');
  const bob = await host.join('salon', 'bob');
  await application.until(() => application.rooms.salon?.join() === 'alice,bob');
  await alice.close();
  await application.until(() => application.rooms.salon?.join() === 'bob');
  await bob.close();
  await application.until(() => application.types().includes('room.empty'));
  expect(application.types()).toEqual([
    ...['room.opened', 'roster.changed', 'roster.changed', 'roster.changed', 'roster.changed', 'room.empty'],
  ]);
  const changes = application.heard.filter(({ type }) => type === 'roster.changed');
  expect(changes.map(({ data: { streams, joined, left } }) => ({ streams, joined, left }))).toEqual([
    { streams: ['alice'], joined: ['alice'], left: [] },
    { streams: ['alice', 'bob'], joined: ['bob'], left: [] },
    { streams: ['bob'], joined: [], left: ['alice'] },
    { streams: [], joined: [], left: ['bob'] },
  ]);
  expect(application.wrong).toEqual([]);
});

test('who is refused and who is removed is told, and nobody can pretend to be removed', async () => {
  const { application, server } = await startApplication();
  const host = await startHost({ ...told(server.url), maxRoomSize: 2 });
  const alice = await host.join('salon', 'alice');
  const mallory = await host.join('salon', 'mallory');
  host.open('/?room=salon&streamName=bob');
  await application.until(() => application.types().includes('member.refused'));
  await mallory.close(4403, 'removed by an operator');
  const [member] = host.host.members('salon');
  host.host.remove(member?.id ?? 0);
  await alice.closed;
  await application.until(() => application.types().includes('room.empty'));
  await application.until(() => application.types().includes('member.removed'));
  const notices = application.heard.filter(({ type }) => type.startsWith('member.'));
  expect(notices.map(({ type, data }) => ({ type, ...data }))).toEqual([
    {
      ...{ type: 'member.refused', room: 'salon', streamName: 'bob', address: '127.0.0.1' },
      ...{ refusal: 'room_full', code: 4429, reason: 'the room is full' },
    },
    {
      ...{ type: 'member.removed', room: 'salon', streamName: 'alice', address: '127.0.0.1' },
      since: expect.any(Number),
    },
  ]);
});

test('a redirect is not followed, and an endless answer is not read', async () => {
  let redirected = 0;
  const elsewhere = await startWebServer((_request, response) => {
    redirected++;
    response.writeHead(204).end();
  });
  let attempts = 0;
  const { application, server } = await startApplication((request, response) => {
    attempts++;
    if (attempts === 1) return response.writeHead(307, { location: elsewhere.url }).end();
    response.statusCode = 204;
    response.writeHead(200);
    const chunk = Buffer.alloc(64 * 1024);
    const pour = () => {
      while (!request.socket.destroyed && response.write(chunk)) {}
    };
    response.on('drain', pour);
    pour();
    return application.take(request.headers, '');
  });
  application.wrong.length = 0;
  const host = await startHost(told(server.url));
  await host.join('salon', 'alice');
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (attempts < 3) return;
      clearInterval(look);
      resolve();
    }, 10);
  });
  expect(redirected).toBe(0);
});

test('when a host without others stops, the application hears that its rooms are empty', async () => {
  const { application, server } = await startApplication();
  const host = await startHost(told(server.url));
  await host.join('a', 'alice');
  await host.join('b', 'bob');
  await application.until(() => Object.keys(application.rooms).length === 2);
  await host.host.close();
  expect(application.rooms).toEqual({});
});

test('what cannot be told at the end is said to be lost', async () => {
  const lines: unknown[] = [];
  const ignore = () => {};
  const logger = {
    ...{ debug: ignore, info: ignore, error: ignore },
    warn: (facts: object, text: string) => lines.push([facts, text]),
  };
  const host = await startHost({ ...told(await unusedUrl()), logger });
  await host.join('salon', 'alice');
  await host.host.close();
  expect(lines).toContainEqual([{ rooms: 1, notices: 0 }, expect.stringContaining('webhooks are lost')]);
});
