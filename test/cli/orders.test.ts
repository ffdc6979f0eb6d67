/** What an operator types to say who may be where. */
import type { BanPage, MemberPage } from '../../src/http/shapes';
import { run } from '../helpers/command';
import { startHost, type TestHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { joinTarget } from '../helpers/join-target';

const METRICS_TOKEN = 'a-token-for-reading-in-tests';
const LEFT = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d  +`;
const HERE = 'held by this node alone, as long as it runs\n';

let host: TestHost;

beforeEach(async () => {
  host = await startHost({ adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN });
});

const closed = (room: string, name: string) => host.open(joinTarget(room, name)).closed;

/** Each command with what it prints, in turn. */
async function printsInTurn(steps: readonly (readonly [argv: string[], code: number, out: string])[]) {
  for (const [argv, code, out] of steps) {
    const ran = await run(host.port, argv);
    expect([argv, ran]).toEqual([argv, { code, out: expect.stringMatching(`^${out}$`), err: '' }]);
  }
}

test('a room is locked and limited for a time, and opened again', async () => {
  const heading = 'RULE +VALUE +UNTIL +LEFT\n';
  const locked = `locked +nobody new +${LEFT}2 h 0 min\n`;
  const size = `maxSize +30 +${LEFT}10 min\n`;
  const names = `names +"anna, -b", "c" +${LEFT}1 d 0 h\n`;
  await printsInTurn([
    [['rules', 'my room'], 0, 'no rules: the room is open\n'],
    [['lock', 'my room', '--for', '2h'], 0, heading + locked + HERE],
  ]);
  expect(await closed('my room', 'anna')).toMatchObject({ code: 4423 });
  await printsInTurn([
    [['rules', 'my room', '--max-size', '30', '--for', '10m'], 0, heading + locked + size + HERE],
    [['rules', 'my room', '--names', 'anna, -b', 'c'], 0, heading + locked + size + names + HERE],
    [['unlock', 'my room'], 0, heading + size + names + HERE],
    [['rules', 'my room', '--open', 'names'], 0, heading + size + HERE],
    [['rules', 'my room', '--open'], 0, `no rules: the room is open\n${HERE}`],
  ]);
  await host.join('my room', 'anna');
});

test('whoever is banned is closed, listed, and let in again by the name', async () => {
  const troll = await host.join('red5', 'troll');
  const row = `[0-9a-f]{16} +name +troll +red5 +${LEFT}10 min +come back later\n`;
  const heading = 'ID +BANNED +WHOM +ROOM +UNTIL +LEFT +REASON\n';
  const [when, why] = [
    ['--for', '10m'],
    ['--reason', 'come back later'],
  ];
  await printsInTurn([
    [['ban', 'troll', '--room', 'red5', ...when, ...why], 0, `${heading}${row}1 member removed\n${HERE}`],
    [['bans'], 0, `${heading}${row}1 ban\n`],
  ]);
  expect(await troll.closed).toEqual({ code: 4403, reason: 'come back later' });
  const address = `[0-9a-f]{16} +address +192\\.0\\.2\\.7/32 +\\(all\\) +${LEFT}1 d 0 h\n`;
  await printsInTurn([
    [['ban', '--address', '192.0.2.7'], 0, `${heading}${address}0 members removed\n${HERE}`],
    [['unban', '192.0.2.7'], 0, `${heading}${address}1 ban lifted\n${HERE}`],
  ]);
  const subject = await run(host.port, ['ban', '--subject', '\u001b[2Jx']);
  expect(subject.out).toContain('\\u001b[2Jx');
  await run(host.port, ['ban', '--address', '2001:db8::7']);
  const lifted = await run(host.port, ['unban', '2001:db8::7']);
  expect(lifted).toMatchObject({ code: 0, out: expect.stringContaining(' 2001:db8::/64 '), err: '' });
  await run(host.port, ['ban', 'troll', '--for', '3d']);
  const both = await run(host.port, ['unban', 'troll']);
  expect(both).toMatchObject({ code: 2, out: '' });
  expect(both.err).toMatch(
    /^conference-host: 2 bans of troll, give the id of one: \w+ \(name, red5\), \w+ \(name, all/,
  );
  const { bans } = JSON.parse((await run(host.port, ['bans', '--json'])).out) as BanPage;
  for (const { id } of bans) expect((await run(host.port, ['unban', id])).code).toBe(0);
  await host.join('red5', 'troll');
});

test('a removal may last, of one member or of a stream', async () => {
  const [troll, noise] = [await host.join('red5', 'troll'), await host.join('red5', 'noise')];
  const listed = await run(host.port, ['members', 'red5', '--search', 'troll', '--json']);
  const [{ id } = { id: '' }] = (JSON.parse(listed.out) as MemberPage).members;
  for (const whom of [[id], ['red5', '--stream', 'noise']]) {
    expect(await run(host.port, ['kick', ...whom, '--ban', '10m'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /\n1 member removed\nbanned from the room for 10 min: unban \w{16} lifts it\n$/,
      ),
    });
  }
  await Promise.all([troll.closed, noise.closed]);
  for (const name of ['troll', 'noise']) {
    expect(await closed('red5', name)).toEqual({ code: 4403, reason: 'banned by an operator' });
  }
});

test.each<[string[], number, RegExp, Record<string, string>?]>([
  [
    ['lock', 'red5'],
    1,
    /^conference-host: this token is read-only: use the admin token\n$/,
    { METRICS_TOKEN },
  ],
  [['lock', 'red5', '--for', '2'], 2, /'2' is invalid\. It takes a time of up to 30 days, such as 90s, 10m,/],
  [['lock', 'red5', '--for', '31d'], 2, /'31d' is invalid\. It takes a time of up to 30 days/],
  [['unlock', 'red5'], 3, /^conference-host: the room has no such rule\n$/],
  [
    ['rules', 'red5', '--for', '2h'],
    2,
    /--for says how long a rule counts: give --max-size or --names as well/,
  ],
  [['rules', 'red5', '--max-size', '0'], 2, /argument '0' is invalid\. It takes a whole number from 1\./],
  [['rules', 'red5', '--max-size', '2000000'], 1, /^conference-host: maxSize takes a whole number from 1 to/],
  [
    ['rules', 'red5', '--open', 'door'],
    2,
    /argument 'door' is invalid\. Allowed choices are locked, maxSize/,
  ],
  [['rules', 'red5', '--open', 'names', '--max-size', '3'], 2, /cannot be used with option '--max-size/],
  [['ban'], 2, /^conference-host: say whom to ban: a name, --address or --subject\n$/],
  [['ban', 'anna', '--subject', 'x'], 2, /say whom to ban: a name, --address or --subject\n$/],
  [
    ['ban', '--address', '0.0.0.0/0'],
    1,
    /^conference-host: address is no address, or no network of at least/,
  ],
  [['unban', 'nobody'], 3, /^conference-host: there is no ban of nobody: conference-host bans lists them\n$/],
  [
    ['kick', 'red5', '--ban', '1h'],
    2,
    /--ban takes the id of a member, or --stream: to keep everybody out, lock/,
  ],
  [['kick', 'red5', '--stream', 'anna', '--ban', '1h'], 3, /, and nobody publishes it; nobody is banned\n$/],
])('%j ends with exit code %i, and says why', async (argv, code, err, env = { ADMIN_TOKEN }) => {
  expect(await run(host.port, argv, env)).toEqual({ code, out: '', err: expect.stringMatching(err) });
});
