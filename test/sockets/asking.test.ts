/** Clients that speak `conference.2`, over real sockets. */
import { once } from 'node:events';
import { ASKING, AskingClient } from '../helpers/asking-client';
import { joinTarget, startHost, type TestHost } from '../helpers/host';
import { clientFrame } from '../helpers/raw-client';
import { startSocketServer } from '../helpers/socket-server';
import { hsToken, inSeconds, SECRET } from '../helpers/tokens';

const [FIN, TEXT, PING] = [0x80, 0x1, 0x9];

const ask = ({ port }: TestHost, name: string, protocols?: string[]) =>
  new AskingClient(`ws://127.0.0.1:${port}${joinTarget('room', name)}`, protocols);

describe('a client that speaks conference.2', () => {
  test('hears the whole list first, and then what has changed', async () => {
    const host = await startHost();
    const anna = ask(host, 'anna');
    const first = await anna.nextFrame();
    const { seq = 0 } = JSON.parse(first);
    expect(anna.ws.protocol).toBe(ASKING);
    expect(first).toBe(`{"type":"roster","room":"room","seq":${seq},"streams":["anna"],"beat":15000}`);
    const ben = await host.join('room', 'ben');
    expect(await anna.nextFrame()).toBe(`{"type":"changes","seq":${seq + 1},"joined":["ben"]}`);
    await ben.leave();
    expect(await anna.nextFrame()).toBe(`{"type":"changes","seq":${seq + 2},"left":["ben"]}`);
  });

  test('shares a room with those that do not, who hear what they always heard', async () => {
    const host = await startHost();
    const plain = await host.join('room', 'plain');
    const anna = ask(host, 'anna');
    expect(await plain.nextFrame()).toBe('{"room":"room","streams":["plain","anna"]}');
    await anna.leave();
    expect(await plain.nextFrame()).toBe('{"room":"room","streams":["plain"]}');
  });

  test('is told nothing where the list is the same', async () => {
    const host = await startHost();
    const anna = ask(host, 'anna');
    await anna.frame();
    const again = await host.join('room', 'anna');
    await again.leave();
    await host.join('room', 'ben');
    expect(await anna.frame()).toMatchObject({ type: 'changes', joined: ['ben'] });
  });

  test('gets the whole list when it asks for it', async () => {
    const host = await startHost();
    const anna = ask(host, 'anna');
    const { seq } = await anna.frame();
    anna.ask({ type: 'roster' });
    expect(await anna.frame()).toEqual({ type: 'roster', room: 'room', seq, streams: ['anna'] });
  });

  test('gets a beat when it asks for one', async () => {
    const host = await startHost();
    const anna = ask(host, 'anna');
    await anna.frame();
    anna.ask({ type: 'beat' });
    expect(await anna.nextFrame()).toBe('{"type":"beat"}');
  });

  test('is answered nothing before it is admitted', async () => {
    const { ask } = await startSocketServer();
    const { client, socket, open } = await ask({ 'Sec-WebSocket-Protocol': ASKING });
    const opened = open();
    if (opened === undefined || 'problem' in opened) throw new Error('the handshake has failed');
    await client.until('\r\n\r\n');
    const say = async (frame: Buffer) => {
      const heard = once(socket, 'data');
      client.send(frame);
      await heard;
      await new Promise(setImmediate);
    };
    await say(clientFrame(FIN | TEXT, '{"type":"beat"}'));
    opened.admit({ id: 1, room: 'room', streamName: 'anna', address: '127.0.0.1', since: 0 }, [], {});
    await say(clientFrame(FIN | TEXT, '{"type":"beat"}'));
    await say(clientFrame(FIN | PING, 'the end'));
    const answers = await client.until('the end');
    expect(answers.split('{"type":"beat"}')).toHaveLength(2);
  });

  test('is told when to come back before the host stops, each at a time of its own', async () => {
    const host = await startHost();
    const clients = ['anna', 'ben', 'cleo'].map((name) => ask(host, name));
    for (const client of clients) await client.untilListed('anna', 'ben', 'cleo');
    void host.host.close();
    const waits: number[] = [];
    for (const client of clients) {
      const { wait = 0 } = await client.frameOf('goodbye');
      expect(await client.closed).toMatchObject({ code: 1001 });
      waits.push(wait);
    }
    expect(new Set(waits).size).toBe(3);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(3_000);
  });

  test.each([
    ['the token behind it', (token: string) => [ASKING, token]],
    ['both subprotocols and the token behind them', (token: string) => [ASKING, 'conference', token]],
    ['the older one first', (token: string) => ['conference', ASKING, token]],
    ['the token between them', (token: string) => ['conference', token, ASKING]],
  ])('may offer %s, and is told when it expires', async (_, offer) => {
    const host = await startHost({ jwtSecret: SECRET, jwtExpired: 'close' });
    const anna = ask(host, 'anna', offer(hsToken({ exp: inSeconds(100) })));
    const { expires = 0 } = await anna.frame();
    expect(anna.ws.protocol).toBe(ASKING);
    expect(expires).toBeGreaterThan(90_000);
    expect(expires).toBeLessThanOrEqual(106_000);
  });
});

describe('what a client that speaks conference.2 says', () => {
  test.each([
    ['no JSON', 'hello'],
    ['no object', '[1]'],
    ['null', 'null'],
    ['a type that nobody knows', '{"type":"toString"}'],
    ['a binary frame', Buffer.from('{"type":"beat"}')],
  ])('is ignored and counted where it is %s', async (_, frame) => {
    const { host, ...rest } = await startHost();
    let ignored = 0;
    host.events.on('ignored', () => ignored++);
    const anna = ask({ host, ...rest }, 'anna');
    await anna.frame();
    anna.ws.send(frame);
    anna.ask({ type: 'beat' });
    expect(await anna.frame()).toEqual({ type: 'beat' });
    expect(ignored).toBe(1);
  });

  test('is ignored where it asks for lists again and again', async () => {
    const host = await startHost();
    const asked: string[] = [];
    host.host.events.on('requested', (type) => asked.push(type));
    const anna = ask(host, 'anna');
    await anna.frame();
    for (let n = 0; n < 12; n++) anna.ask({ type: 'roster' });
    anna.ask({ type: 'beat' });
    for (let n = 0; n < 4; n++) expect((await anna.frame()).type).toBe('roster');
    expect((await anna.frame()).type).toBe('beat');
    expect(asked).toEqual(['roster', 'roster', 'roster', 'roster', 'beat']);
  });

  test.each(['ping', 'pong'] as const)(
    'closes it where it floods the host with a %s each time',
    async (kind) => {
      const host = await startHost();
      const anna = ask(host, 'anna');
      await anna.frame();
      for (let n = 0; n < 300; n++) anna.ws[kind]();
      expect(await anna.closed).toMatchObject({ code: 1008, reason: 'clients have nothing to send' });
    },
  );

  test('is nothing to those that do not speak it', async () => {
    const host = await startHost();
    const plain = await host.join('room', 'plain');
    plain.ws.send('{"type":"roster"}');
    plain.ws.send('{"type":"beat"}');
    await host.join('room', 'ben');
    expect(await plain.nextStreams()).toEqual(['plain', 'ben']);
  });
});
