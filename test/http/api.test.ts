import { hostname } from 'node:os';
import { Ajv2020 } from 'ajv/dist/2020';
import fc from 'fast-check';
import type { MemberPage, Removed, RoomDetails } from '../../src/http/shapes';
import { readEvents } from '../helpers/events';
import { joinTarget, startHost, type TestHost } from '../helpers/host';
import { ADMIN_TOKEN, ask, askRaw } from '../helpers/http';

const METRICS_TOKEN = 'a-token-for-reading-in-tests';
const start = () => startHost({ adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN });

const ROUTES = [
  ['GET', '/api/rooms'],
  ['GET', '/api/rooms/room'],
  ['DELETE', '/api/rooms/room'],
  ['GET', '/api/room?room=room'],
  ['DELETE', '/api/room?room=room'],
  ['DELETE', '/api/stream?room=room&streamName=anna'],
  ['GET', '/api/rooms/room/members'],
  ['GET', '/api/members'],
  ['GET', '/api/totals'],
  ['DELETE', '/api/members/k3f9x2ab-1'],
  ['GET', '/api/events'],
  ['GET', '/api/openapi.json'],
  ['GET', '/api/nothing'],
  ['GET', '/metrics'],
] as const;

describe('the admin token', () => {
  test.each(ROUTES)('%s %s is not there without one in the settings', async (method, path) => {
    const { port, join } = await startHost();
    const anna = await join('room', 'anna');
    const { status } = await ask(port, path, { method });
    expect(status).toBe(404);
    expect(anna.unread()).toEqual([]);
  });

  test.each(ROUTES)('%s %s is refused to who does not bring it', async (method, path) => {
    const { port, join } = await start();
    await join('room', 'anna');
    const wrong = [
      {},
      { authorization: `Bearer ${ADMIN_TOKEN}x` },
      { authorization: `Bearer ${ADMIN_TOKEN.slice(1)}` },
      { authorization: `Basic ${ADMIN_TOKEN}` },
      { authorization: ADMIN_TOKEN },
      { authorization: 'Bearer ' },
    ];
    for (const headers of wrong) {
      const answer = await ask(port, path, { method, headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.json).toMatchObject({ error: 'unauthorised' });
    }
    const page = await ask(port, '/api/rooms');
    expect(page.json).toMatchObject({ total: 1 });
  });

  test('in a query opens nothing', async () => {
    const { port } = await start();
    expect((await ask(port, `/api/rooms?token=${ADMIN_TOKEN}`, { headers: {} })).status).toBe(401);
  });

  test.each(['short', 'has spaces in it, all over', 'passwordpassword'])('may not be %j', (adminToken) => {
    const complaint = /^adminToken: \(\d+ bytes\) is not valid: it takes a token of at least 16 letters/;
    return expect(startHost({ adminToken })).rejects.toThrow(complaint);
  });
});

describe('the list of rooms', () => {
  async function names(port: number, query: string): Promise<string[]> {
    const { json } = await ask(port, `/api/rooms?${query}`);
    return (json as { rooms: { room: string }[] }).rooms.map(({ room }) => room);
  }

  async function startWithRooms(): Promise<TestHost> {
    const host = await start();
    for (const [room, ...streams] of [
      ['zebra', 'anna', 'ben', 'carla'],
      ['Apple', 'Dora'],
      ['apple pie', 'eve', 'anna'],
    ] as const) {
      for (const stream of streams) await host.join(room, stream);
    }
    await host.join('apple pie', 'eve');
    return host;
  }

  test.each([
    ['', ['Apple', 'apple pie', 'zebra']],
    ['order=desc', ['zebra', 'apple pie', 'Apple']],
    ['sort=members', ['Apple', 'apple pie', 'zebra']],
    ['sort=streams&order=desc', ['zebra', 'apple pie', 'Apple']],
    ['sort=since', ['zebra', 'Apple', 'apple pie']],
    ['search=APPLE', ['Apple', 'apple pie']],
    ['search=dora', ['Apple']],
    ['search=a+p', []],
    ['search=e%20p', ['apple pie']],
    ['offset=1&limit=1', ['apple pie']],
    ['offset=99', []],
  ])('%j lists %j', async (query, expected) => {
    const { port } = await startWithRooms();
    expect(await names(port, query)).toEqual(expected);
  });

  test.each([
    ['sort=colour', /^sort takes one of name, members, streams, since$/],
    ['order=up', /^order takes asc or desc$/],
    ['limit=0', /^limit takes a whole number from 1 to 500$/],
    ['limit=501', /^limit takes/],
    ['offset=-1', /^offset takes a whole number$/],
  ])('%j is a bad parameter', async (query, message) => {
    const { port } = await start();
    const { status, json } = await ask(port, `/api/rooms?${query}`);
    expect(status).toBe(400);
    expect(json).toEqual({ error: 'bad_parameter', message: expect.stringMatching(message) });
  });

  test('has the number of matches, and the facts of each room', async () => {
    const { port } = await startWithRooms();
    const { json } = await ask(port, '/api/rooms?limit=1&sort=members&order=desc');
    expect(json).toEqual({
      total: 3,
      offset: 0,
      rooms: [{ room: 'apple pie', members: 3, streams: 2, since: expect.any(Number), nodes: 1 }],
      missing: [],
    });
  });
});

describe('one room', () => {
  test('has its roster, its members, and who came and went', async () => {
    const { port, join } = await start();
    const before = Date.now();
    const anna = await join('room', 'anna');
    await join('room', 'ben');
    const again = await join('room', 'anna');
    await again.leave();
    await anna.until('anna', 'ben');
    const { json } = await ask(port, '/api/rooms/room');
    const visit = {
      address: '127.0.0.1',
      time: expect.any(Number),
      node: expect.stringMatching(/^[0-9a-z]{8}$/),
    };
    const [{ since, node }] = (json as RoomDetails).recent.map((of) => ({
      since: of.time,
      node: of.node,
    })) as [{ since: number; node: string }];
    expect(since).toBeGreaterThanOrEqual(before);
    expect(json).toEqual({
      room: 'room',
      streams: ['anna', 'ben'],
      members: { total: 2 },
      since: expect.any(Number),
      recent: [
        { ...visit, kind: 'leave', streamName: 'anna' },
        { ...visit, kind: 'join', streamName: 'anna' },
        { ...visit, kind: 'join', streamName: 'ben' },
        { ...visit, kind: 'join', streamName: 'anna' },
      ],
      missing: [],
    });
    const member = { room: 'room', address: '127.0.0.1', since: expect.any(Number), slow: false };
    const at = { node, machine: hostname() };
    expect((await ask(port, '/api/rooms/room/members')).json).toEqual({
      total: 2,
      offset: 0,
      members: [
        { id: `${node}-1`, streamName: 'anna', ...member, ...at },
        { id: `${node}-2`, streamName: 'ben', ...member, ...at },
      ],
      missing: [],
    });
  });

  test('lists members of which there are more than a page, and finds each by name', async () => {
    const { port, join, open } = await start();
    await Promise.all(
      Array.from({ length: 260 }, (_, index) => open(joinTarget('crowd', `guest ${index}`)).nextFrame()),
    );
    await join('other', 'guest 7');
    const page = async (query: string) => (await ask(port, `/api/${query}`)).json as MemberPage;
    const first = await page('rooms/crowd/members?limit=250');
    const rest = await page('rooms/crowd/members?limit=250&offset=250');
    const names = [...first.members, ...rest.members].map(({ streamName }) => streamName);
    expect([first.total, new Set(names).size, rest.members.length]).toEqual([260, 260, 10]);
    const found = await page('room/members?room=crowd&search=GUEST%20259');
    expect(found).toMatchObject({ total: 1, members: [{ streamName: 'guest 259' }] });
    expect(await page('members?search=guest%207&limit=1')).toMatchObject({ total: 12, members: [{}] });
    const { json } = await ask(port, '/api/rooms?search=guest%20259');
    expect(json).toMatchObject({ total: 1, rooms: [{ room: 'crowd', matches: ['guest 259'] }] });
  });

  test('is found by any name in the query, and by any but . and .. in the path', async () => {
    const { port, open } = await start();
    const name = fc.oneof(
      fc.constantFrom('.', '..', 'a/b', 'a+b', '100%', '%41', '%2F', '?', '#', 'my room', '__proto__', 'é🎥'),
      fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
    );
    const property = fc.asyncProperty(name, async (room) => {
      const client = open(joinTarget(room, 'anna'));
      const frame = await Promise.race([client.nextFrame(), client.closed]);
      if (typeof frame !== 'string') return;
      const found = { room, streams: ['anna'] };
      const escaped = encodeURIComponent(room);
      expect(JSON.parse((await askRaw(port, `/api/room?room=${escaped}`)).body)).toMatchObject(found);
      if (!/^\.\.?$/.test(room)) {
        expect(JSON.parse((await askRaw(port, `/api/rooms/${escaped}`)).body)).toMatchObject(found);
      }
      await client.leave();
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test.each(['/api/room?room=a+b', '/api/room?room=a%2Bb', '/api/rooms/a+b', '/api/rooms/a%2Bb'])(
    'is found as its clients name it: %s',
    async (path) => {
      const { port, join } = await start();
      await join('a+b', 'anna');
      expect((await ask(port, path)).json).toMatchObject({ room: 'a+b' });
    },
  );

  test.each(['/api/rooms/other', '/api/room?room=other', '/api/rooms/%zz'])(
    'that nobody is in is not there: %s',
    async (path) => {
      const { port } = await start();
      for (const method of ['GET', 'DELETE']) {
        const { status, json } = await ask(port, path, { method });
        expect([status, json]).toEqual([404, expect.objectContaining({ error: 'no_such_room' })]);
      }
    },
  );
});

describe('an operator', () => {
  test('removes a member, which is told so, and the room sees it leave', async () => {
    const { port, join } = await start();
    const anna = await join('room', 'anna');
    const ben = await join('room', 'ben');
    await anna.until('anna', 'ben');
    const { json } = await ask(port, '/api/members?search=ben');
    const [member] = (json as MemberPage).members;
    const answer = await ask(port, `/api/members/${member?.id}`, { method: 'DELETE' });
    expect(answer.json).toEqual({ removed: 1, members: [member], missing: [] });
    expect(await ben.closed).toEqual({ code: 4403, reason: 'removed by an operator' });
    expect(await anna.nextStreams()).toEqual(['anna']);
    const again = await ask(port, `/api/members/${member?.id}`, { method: 'DELETE' });
    expect([again.status, again.json]).toEqual([404, expect.objectContaining({ error: 'no_such_member' })]);
  });

  test('removes nobody where the host would not see what was meant', async () => {
    const { port, host, join } = await start();
    await join('room', 'anna');
    for (const [target, message] of [
      ['/api/rooms/room?streamName=ben', 'nothing is removed: there is no parameter streamName here'],
      ['/api/room?room=room&streamName=ben', 'nothing is removed: there is no parameter streamName here'],
      ['/api/stream?room=room', 'streamName is missing'],
      ['/api/room', 'room is missing'],
    ] as const) {
      const { status, json } = await ask(port, target, { method: 'DELETE' });
      expect([target, status, json]).toEqual([target, 400, { error: 'bad_parameter', message }]);
    }
    expect(host.members('room').length).toBe(1);
  });

  test('removes all members of one room, even a crowd, and none of another', async () => {
    const { port, host, join, open } = await start();
    const crowd = await Promise.all(
      Array.from({ length: 250 }, async (_, index) => {
        const client = open(joinTarget('crowd', `guest ${index}`));
        await client.nextFrame();
        return client;
      }),
    );
    const anna = await join('room', 'anna');
    const answer = await ask(port, '/api/rooms/crowd', { method: 'DELETE' });
    expect(answer.json).toMatchObject({ removed: 250, missing: [] });
    expect((answer.json as Removed).members).toHaveLength(100);
    for (const { closed } of crowd) expect(await closed).toMatchObject({ code: 4403 });
    expect(host.roomCount).toBe(1);
    expect(anna.unread()).toEqual([]);
  });
});

describe('the description', () => {
  interface Description {
    readonly paths: Record<string, Record<string, { responses: Record<string, Answered> }>>;
    readonly components: { schemas: Record<string, object> };
  }
  interface Answered {
    readonly content: { 'application/json'?: { schema: { $ref: string } } };
  }

  async function startDescribed() {
    const host = await start();
    const { json } = await ask(host.port, '/api/openapi.json');
    const description = json as Description;
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema(description, 'openapi.json');
    const check = (schema: string, value: unknown) => {
      const valid = ajv.validate({ $ref: `openapi.json${schema}` }, value);
      if (!valid) throw new Error(`${schema}: ${ajv.errorsText()}: ${JSON.stringify(value)}`);
    };
    return { ...host, description, check };
  }

  test('matches the real responses, good and bad', async () => {
    const { port, description, check, join } = await startDescribed();
    await join('room', 'anna');
    const [member] = ((await ask(port, '/api/members')).json as MemberPage).members;
    const cases: [string, string, string, string, number][] = [
      ['/api/rooms', 'get', 'GET', '/api/rooms', 200],
      ['/api/rooms', 'get', 'GET', '/api/rooms?limit=0', 400],
      ['/api/rooms/{room}', 'get', 'GET', '/api/rooms/room', 200],
      ['/api/rooms/{room}', 'get', 'GET', '/api/rooms/other', 404],
      ['/api/room', 'get', 'GET', '/api/room?room=room', 200],
      ['/api/stream', 'delete', 'DELETE', '/api/stream?room=room&streamName=ben', 404],
      ['/api/stream', 'delete', 'DELETE', '/api/stream?room=room', 400],
      ['/api/rooms/{room}/members', 'get', 'GET', '/api/rooms/room/members', 200],
      ['/api/room/members', 'get', 'GET', '/api/room/members?room=other', 200],
      ['/api/room/members', 'get', 'GET', '/api/room/members', 400],
      ['/api/members', 'get', 'GET', '/api/members', 200],
      ['/api/members', 'get', 'GET', '/api/members?offset=1e3', 400],
      ['/api/totals', 'get', 'GET', '/api/totals', 200],
      ['/api/rooms/{room}', 'delete', 'DELETE', '/api/rooms/room?streamName=ben', 400],
      ['/api/members/{id}', 'delete', 'DELETE', `/api/members/00000000-1`, 404],
      ['/api/members/{id}', 'delete', 'DELETE', '/api/members/1', 400],
      ['/api/members/{id}', 'delete', 'DELETE', `/api/members/${member?.id}`, 200],
      ['/api/rooms/{room}', 'delete', 'DELETE', '/api/rooms/room', 404],
    ];
    for (const [path, operation, method, target, status] of cases) {
      const answer = await ask(port, target, { method });
      expect([target, answer.status]).toEqual([target, status]);
      const schema =
        description.paths[path]?.[operation]?.responses[status]?.content['application/json']?.schema;
      check(schema?.$ref ?? 'missing', answer.json);
    }
    const refused = await ask(port, '/api/rooms', { headers: {} });
    check('#/components/schemas/Problem', refused.json);
    const responses = (operation: string) =>
      Object.keys(description.paths['/api/rooms/{room}']?.[operation]?.responses ?? {});
    expect(responses('get')).toEqual(['200', '401', '404', '429', '503']);
    expect(responses('delete')).toEqual(['200', '400', '401', '403', '404', '429', '503']);
    const removing = { method: 'DELETE', headers: { authorization: `Bearer ${METRICS_TOKEN}` } };
    check('#/components/schemas/Problem', (await ask(port, '/api/rooms/room', removing)).json);
    const guessing = { headers: { authorization: 'Bearer wrong' } };
    const guesses = await Promise.all(Array.from({ length: 21 }, () => ask(port, '/api/rooms', guessing)));
    for (const { json } of guesses) check('#/components/schemas/Problem', json);
  });

  test('matches the events: first the past, then each second what is new', async () => {
    const { port, check, join, open } = await startDescribed();
    await open('/?room=&streamName=anna').closed;
    const events = await readEvents(port, '/api/events');
    const first = await events.next('figures');
    check('#/components/schemas/Figures', first);
    expect(first.refusals).toMatchObject([
      { id: 1, name: 'bad_request', code: 4400, reason: 'room is empty' },
    ]);
    expect(await events.next('feed')).toMatchObject({ happenings: [{ kind: 'refusal' }], skipped: 0 });
    await join('room', 'anna');
    const feed = await events.next('feed');
    check('#/components/schemas/Feed', feed);
    expect(feed).toMatchObject({
      happenings: [{ kind: 'join', room: 'room', streamName: 'anna' }],
      skipped: 0,
    });
    const samples = [];
    do {
      const next = await events.next('figures');
      check('#/components/schemas/Figures', next);
      expect(next.refusals).toEqual([]);
      expect(next.samples[0]?.time).toBeGreaterThan(first.samples.at(-1)?.time ?? Infinity);
      samples.push(...next.samples);
    } while (samples.at(-1)?.members !== 1);
    expect(samples.reduce((sum, { joins }) => sum + joins, 0)).toBe(1);
    await events.close();
  });

  test('a feed of one room tells of nothing else', async () => {
    const { port, join } = await start();
    await join('other', 'ben');
    const anna = await join('room', 'anna');
    const events = await readEvents(port, '/api/events?room=room');
    expect(await events.next('feed')).toMatchObject({ happenings: [{ kind: 'join', streamName: 'anna' }] });
    await join('other', 'carla');
    await anna.leave();
    expect(await events.next('feed')).toMatchObject({ happenings: [{ kind: 'leave', streamName: 'anna' }] });
    await events.close();
  });
});
