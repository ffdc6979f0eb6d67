import type { HostOptions } from '../../src/host';
import { Application, SECRET } from '../helpers/application';
import { startHost } from '../helpers/host';
import { bodyOf, startWebServer } from '../helpers/web-server';

async function startApplication() {
  const application = new Application();
  const server = await startWebServer(async (request, response) => {
    application.take(request.headers, await bodyOf(request));
    response.writeHead(204).end();
  });
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
  alice.ws.close();
  await application.until(() => application.rooms.salon?.join() === 'bob');
  bob.ws.close();
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
  mallory.ws.close(4403, 'removed by an operator');
  await mallory.closed;
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
    warn: (...line: unknown[]) => lines.push(line),
  };
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { url } = await startWebServer((_request, response) => {
    response.writeHead(410).end();
    asked();
  });
  const host = await startHost({ ...told(url), logger });
  await host.join('salon', 'alice');
  await isAsked;
  await host.host.close();
  expect(lines).toContainEqual([{ rooms: 1, notices: 0 }, expect.stringContaining('webhooks are lost')]);
});
