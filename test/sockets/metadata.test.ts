/** What clients that speak `conference.2` tell of themselves, and who hears it. */
import { AskingConnection } from '../../src/sockets/asking';
import { ASKING, AskingClient } from '../helpers/asking-client';
import { joinTarget, startHost, type TestHost } from '../helpers/host';
import { startSocketServer } from '../helpers/socket-server';
import { hsToken, SECRET } from '../helpers/tokens';

interface Joining {
  readonly metadata?: unknown;
  readonly tell?: boolean;
  readonly protocols?: string[];
  readonly more?: string;
}

function join({ port }: TestHost, name: string, { metadata, tell, protocols, more = '' }: Joining = {}) {
  const own = metadata === undefined ? '' : `&metadata=${encodeURIComponent(JSON.stringify(metadata))}`;
  const query = `${joinTarget('room', name)}${own}${tell ? '&tell=metadata' : ''}${more}`;
  return new AskingClient(`ws://127.0.0.1:${port}${query}`, protocols);
}

describe('metadata', () => {
  test('given on joining is told with the newcomer, to those who ask for it', async () => {
    const host = await startHost();
    const anna = join(host, 'anna', { metadata: { name: 'Ann "A" É' }, tell: true });
    expect(await anna.frame()).toMatchObject({
      streams: ['anna'],
      metadata: { anna: { name: 'Ann "A" É' } },
    });
    const others = join(host, 'ben');
    expect(await others.frame()).not.toHaveProperty('metadata');
    expect(await anna.frame()).not.toHaveProperty('metadata');
    const cleo = join(host, 'cleo', { metadata: { muted: true, seat: 4 }, tell: true });
    expect(await anna.frame()).toMatchObject({
      joined: ['cleo'],
      metadata: { cleo: { muted: true, seat: 4 } },
    });
    expect(await others.frame()).not.toHaveProperty('metadata');
    expect((await cleo.frame()).metadata).toEqual({
      anna: { name: 'Ann "A" É' },
      cleo: { muted: true, seat: 4 },
    });
  });

  test('that changes is told to those who ask for it, and nothing to the others', async () => {
    const host = await startHost();
    const plain = await host.join('room', 'plain');
    const teller = join(host, 'teller', { tell: true });
    const other = join(host, 'other');
    const { seq = 0 } = await other.frame();
    await teller.untilListed('plain', 'teller', 'other');
    other.ask({ type: 'metadata', metadata: { hand: true } });
    expect(await teller.nextFrame()).toBe(
      `{"type":"changes","seq":${seq + 1},"metadata":{"other":{"hand":true}}}`,
    );
    other.ask({ type: 'metadata', metadata: {} });
    expect(await teller.nextFrame()).toBe(`{"type":"changes","seq":${seq + 2},"metadata":{"other":null}}`);
    await host.join('room', 'last');
    expect(await other.nextFrame()).toBe(
      `{"type":"changes","seq":${seq + 3},"since":${seq},"joined":["last"]}`,
    );
    const heard = plain.unread().map((frame) => JSON.parse(frame).streams.length);
    expect(heard).toEqual([2, 3, 4]);
  });

  test('that is the same as before is told to nobody', async () => {
    const host = await startHost();
    const anna = join(host, 'anna', { metadata: { a: 1 }, tell: true });
    await anna.frame();
    anna.ask({ type: 'metadata', metadata: { a: 1 } });
    anna.ask({ type: 'beat' });
    expect((await anna.frame()).type).toBe('beat');
  });

  test('goes with its stream, and stays while another socket holds that', async () => {
    const host = await startHost();
    const teller = join(host, 'teller', { tell: true });
    const [first, second] = [join(host, 'anna', { metadata: { a: 1 } }), join(host, 'anna')];
    await Promise.all([first.frame(), second.frame()]);
    await first.leave();
    teller.ask({ type: 'roster' });
    expect((await teller.frameOf('roster')).metadata).toBeUndefined();
    teller.ask({ type: 'roster' });
    expect((await teller.frameOf('roster')).metadata).toEqual({ anna: { a: 1 } });
    await second.leave();
    await teller.untilListed('teller');
    const again = join(host, 'anna');
    await again.frame();
    expect(await teller.frame()).not.toHaveProperty('metadata');
  });

  const tooMany = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [index, true]));
  test.each([
    ['a list', [1], 'the metadata is no JSON object'],
    ['null', null, 'the metadata is no JSON object'],
    ['more than 10 keys', tooMany, 'the metadata has more than 10 keys'],
    ['an object in it', { a: {} }, 'the metadata has a value that is no text, number or boolean'],
    ['null in it', { a: null }, 'the metadata has a value that is no text, number or boolean'],
    ['a text of more than 1 KiB', { a: 'é'.repeat(510) }, 'the metadata is longer than 1024 bytes'],
  ])('is refused where it is, or has, %s; the link stays', async (_, metadata, reason) => {
    const host = await startHost();
    const early = join(host, 'early', { metadata });
    expect((await early.frame()).type).toBe('roster');
    expect(await early.frame()).toEqual({ type: 'refused', reason });
    early.ask({ type: 'metadata', metadata });
    expect(await early.frame()).toEqual({ type: 'refused', reason });
    early.ask({ type: 'beat' });
    expect(await early.frame()).toEqual({ type: 'beat' });
  });

  test('is refused where numbers are too large, or it is no JSON', async () => {
    const host = await startHost();
    const anna = join(host, 'anna', { more: '&metadata=%7B%22a%22:1e999%7D' });
    await anna.frame();
    expect((await anna.frame()).reason).toBe('the metadata has a number that is too large');
    const ben = join(host, 'ben', { more: '&metadata=hello' });
    await ben.frame();
    expect((await ben.frame()).reason).toBe('the metadata is no JSON');
  });

  test('that comes too often waits, and the last that one says of oneself is told', async () => {
    const host = await startHost();
    const anna = join(host, 'anna', { tell: true });
    await anna.frame();
    for (let n = 0; n < 15; n++) anna.ask({ type: 'metadata', metadata: { n } });
    anna.ask({ type: 'metadata', metadata: 'nonsense' });
    expect((await anna.frameOf('refused')).reason).toBe('the metadata is no JSON object');
    const told: string[] = [];
    while (!told.at(-1)?.includes('{"n":14}')) told.push(await anna.nextFrame());
    expect(told.length).toBeLessThan(13);
    for (let n = 20; n < 23; n++) anna.ask({ type: 'metadata', metadata: { n } });
    await anna.leave();
    const ben = join(host, 'ben', { tell: true });
    expect(await ben.frame()).not.toHaveProperty('metadata');
  });

  test('that waits never counts after what was said later, even if the process was busy when its time came', async () => {
    const { clock, join } = await startSocketServer();
    const { member } = await join({ 'Sec-WebSocket-Protocol': ASKING });
    if (!(member instanceof AskingConnection)) throw new Error('it does not speak conference.2');
    const say = (n: number) =>
      member.said(Buffer.from(JSON.stringify({ type: 'metadata', metadata: { n } })), false);
    for (let n = 0; n < 12; n++) say(n);
    clock.spend(1_000);
    say(12);
    clock.advance(0);
    expect(member.note).toBe('{"n":12}');
  });

  test('of observers and of plain clients is nothing', async () => {
    const host = await startHost();
    const teller = join(host, 'teller', { tell: true });
    await teller.frame();
    const plain = host.open(`${joinTarget('room', 'plain')}&metadata=%7B%22a%22:1%7D&tell=metadata`);
    expect(await plain.nextFrame()).toBe('{"room":"room","streams":["teller","plain"]}');
    expect(await teller.frame()).not.toHaveProperty('metadata');
    const observer = join(host, 'watcher', { metadata: { a: 1 }, more: '&observe=1' });
    await observer.frame();
    observer.ask({ type: 'metadata', metadata: { a: 2 } });
    expect(await observer.frame()).toEqual({ type: 'refused', reason: 'observers have no metadata' });
    expect(teller.unread()).toEqual([]);
  });

  test('with keys like those of every object is taken as it is', async () => {
    const host = await startHost();
    const anna = join(host, 'anna', {
      more: '&metadata=%7B%22__proto__%22:1,%22toString%22:2%7D&tell=metadata',
    });
    expect(await anna.nextFrame()).toContain('"metadata":{"anna":{"__proto__":1,"toString":2}}');
  });
});

describe('a token', () => {
  const start = () => startHost({ jwtSecret: SECRET });
  const with_ = (claims: object) => ({ protocols: [ASKING, hsToken({ ...claims })], tell: true });

  test('fixes what its claim says, key by key', async () => {
    const host = await start();
    const metadata = { role: 'admin', hand: true };
    const anna = join(host, 'anna', { metadata, ...with_({ metadata: { role: 'guest', name: 'Anna' } }) });
    expect((await anna.frame()).metadata).toEqual({ anna: { role: 'guest', hand: true, name: 'Anna' } });
    anna.ask({ type: 'metadata', metadata: { role: 'admin' } });
    expect((await anna.frame()).metadata).toEqual({ anna: { role: 'guest', name: 'Anna' } });
  });

  test('still says what it does where the client’s own is refused', async () => {
    const host = await start();
    const anna = join(host, 'anna', { metadata: [1], ...with_({ metadata: { name: 'Anna' } }) });
    expect((await anna.frame()).metadata).toEqual({ anna: { name: 'Anna' } });
    expect((await anna.frame()).type).toBe('refused');
  });

  test('whose claim is no metadata lets nobody in who speaks conference.2', async () => {
    const host = await start();
    const anna = join(host, 'anna', with_({ metadata: 'Anna' }));
    const reason = "the token's metadata is no JSON object";
    expect(await anna.closed).toEqual({ code: 4403, reason });
    const plain = host.open(joinTarget('room', 'anna'), ['conference', hsToken({ metadata: 'Anna' })]);
    expect((await plain.next()).streams).toEqual(['anna']);
  });
});
