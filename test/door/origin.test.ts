import type { IncomingMessage } from 'node:http';
import { originCheck, pageCheck } from '../../src/door/origin';
import { joinTarget, startHost } from '../helpers/host';
import { TestLog } from '../helpers/log';

const TARGET = joinTarget('room', 'anna');

/** Whether a page from this origin may connect. */
function mayConnect(allowed: string[], origin: string | undefined): boolean {
  const request = { headers: { origin } } as IncomingMessage;
  const check = originCheck(pageCheck(allowed, 'ALLOWED_ORIGINS', () => false));
  return check(request, '127.0.0.1') === undefined;
}

describe('a page may connect', () => {
  test.each<[string[], string | undefined]>([
    [['*'], 'https://anything.example'],
    [['https://a.example', '*'], 'null'],
    [['https://a.example'], undefined],
    [['https://a.example'], 'https://a.example'],
    [['HTTPS://A.Example'], 'https://a.example'],
    [['https://a.example:443'], 'https://a.example'],
    [['http://a.example:80'], 'http://a.example'],
    [['https://a.example:8443'], 'https://a.example:8443'],
    [['https://bücher.example'], 'https://xn--bcher-kva.example'],
    [['http://[::1]:5000'], 'http://[::1]:5000'],
    [['https://*.b.example'], 'https://x.b.example'],
    [['https://*.b.example'], 'https://x.y.b.example'],
    [['https://*.b.example:443'], 'https://x.b.example'],
    [['https://*.b.example:8443'], 'https://x.b.example:8443'],
    [['null'], 'null'],
    [['NULL'], 'null'],
    [['capacitor://localhost'], 'capacitor://localhost'],
    [['file://'], 'file://'],
  ])('where %j are allowed, from %s', (allowed, origin) => {
    expect(mayConnect(allowed, origin)).toBe(true);
  });

  test.each<[string[], string]>([
    [['https://a.example'], 'http://a.example'],
    [['https://a.example'], 'https://a.example:8443'],
    [['https://a.example'], 'https://a.example.evil.example'],
    [['https://a.example'], 'https://evil-a.example'],
    [['https://a.example'], 'https://x.a.example'],
    [['https://a.example'], 'null'],
    [['https://a.example'], ''],
    [['https://a.example'], 'https://a.example, https://b.example'],
    [['https://*.b.example'], 'https://b.example'],
    [['https://*.b.example'], 'https://evilb.example'],
    [['https://*.b.example'], 'https://.b.example'],
    [['https://*.b.example'], 'https://x.b.example:8443'],
    [['https://*.b.example'], 'http://x.b.example'],
    [['https://*.b.example'], 'https://evil.example/.b.example'],
    [['https://*.b.example'], 'https://evil.example?.b.example'],
    [['https://*.b.example'], 'https://user@evil.example#.b.example'],
    [['https://*.b.example'], 'https://x.bXexample'],
    [['null'], 'https://null'],
    [[], 'https://a.example'],
  ])('but not where %j are allowed, from %s', (allowed, origin) => {
    expect(mayConnect(allowed, origin)).toBe(false);
  });
});

describe('a host that allows some origins', () => {
  const allowedOrigins = ['https://a.example', 'https://*.b.example'];

  test('lets in their pages, and clients that are no pages', async () => {
    const { open } = await startHost({ allowedOrigins });
    for (const origin of ['https://a.example', 'https://x.b.example', undefined]) {
      const client = open(TARGET, [], origin === undefined ? {} : { origin });
      expect(await client.nextStreams()).toEqual(['anna']);
      await client.leave();
    }
  });

  test('answers pages from elsewhere 403 before the upgrade, and its log says what to add', async () => {
    const log = new TestLog();
    const { open, host } = await startHost({ allowedOrigins, logger: log.logger });
    const { status, body } = await open(TARGET, [], { origin: 'https://c.example' }).refusedWith();
    expect(status).toBe(403);
    expect(body).toMatch(/^pages from https:\/\/c\.example may not connect: .*\n$/);
    expect(await log.line('refused')).toMatchObject({
      refusal: 'foreign_origin',
      code: 403,
      reason: expect.stringContaining('add https://c.example to ALLOWED_ORIGINS'),
    });
    expect(host.roomCount).toBe(0);
  });

  test('shows no more of an origin than can be read', async () => {
    const { open } = await startHost({ allowedOrigins });
    const { body } = await open(TARGET, [], { origin: `x\u009b${'y'.repeat(5_000)}` }).refusedWith();
    expect(body).toMatch(/^pages from x\?y{198} may/);
  });
});

test('a host lets in pages from everywhere unless it is told otherwise', async () => {
  const { open } = await startHost();
  await open(TARGET, [], { origin: 'https://anything.example' }).until('anna');
});
