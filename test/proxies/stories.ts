/**
 * What must be true behind any proxy, with the configuration that docs/operations.md gives for it. With
 * `SILENCE_SECONDS=600` (`npm run test:proxies`, some 20 minutes) a member also stays silent for so long.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostOptions } from '../../src/index';
import { TestClient } from '../helpers/client';
import { joinTarget, startHost, type TestHost } from '../helpers/host';
import { freePort, type ProxyProcess } from '../helpers/proxy';

const SILENCE = Number(process.env.SILENCE_SECONDS ?? 0);
const DOCUMENT = join(__dirname, '..', '..', 'docs', 'operations.md');

/** Loopback has many addresses, so a client can have one that is not the proxy's. */
const CLIENT_ADDRESS = '127.0.0.2';
const SPOOFED = { 'X-Forwarded-For': '203.0.113.9' };

interface Proxied extends TestHost {
  readonly proxy: ProxyProcess;
  /** The origin of the host's own pages. */
  readonly site: string;
  /** Opens a WebSocket through the proxy, as a client of its own address that claims another. */
  openBehind(target: string, origin?: string): TestClient;
}

/** Starts the program with the document's configuration, for these ports. */
export type StartProxy = (port: number, hostPort: number) => Promise<ProxyProcess>;

/** A configuration of the document, with what every installation changes changed. */
export function configuration(language: string, changes: Readonly<Record<string, string>>): string {
  const block =
    new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(readFileSync(DOCUMENT, 'utf8'))?.[1] ?? '';
  return Object.entries(changes).reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, block);
}

export async function startBehind(startProxy: StartProxy, more: HostOptions = {}): Promise<Proxied> {
  const host = await startHost({ trustProxy: ['loopback'], ...more });
  const port = await freePort();
  const proxy = await startProxy(port, host.port);
  const options = { family: 4, localAddress: CLIENT_ADDRESS, rejectUnauthorized: false, headers: SPOOFED };
  const site = `https://localhost:${port}`;
  return {
    ...host,
    proxy,
    site,
    openBehind: (target, origin) =>
      new TestClient(`${site.replace('http', 'ws')}${target}`, [], { ...options, ...(origin && { origin }) }),
  };
}

export function stories(startProxy: StartProxy): void {
  test('a client joins, hears the room, and is known by its own address, whatever it claims', async () => {
    const { host, openBehind, join } = await startBehind(startProxy);
    const joined = once(host.events, 'joined');
    const anna = openBehind(joinTarget('my room', 'a+b'));
    await anna.until('a+b');
    const [member] = await joined;
    expect(member).toMatchObject({ streamName: 'a+b', address: CLIENT_ADDRESS });
    await join('my room', 'ben');
    await anna.until('a+b', 'ben');
  });

  test('the host’s own pages may connect where others may not', async () => {
    const { openBehind, site } = await startBehind(startProxy, { allowedOrigins: ['https://a.example'] });
    await openBehind(joinTarget('r', 'anna'), site).until('anna');
    const foreign = openBehind(joinTarget('r', 'eve'), site.replace('localhost', 'evil.example'));
    expect(await foreign.refusedWith()).toMatchObject({ status: 403 });
  });

  test('a client reads why it is refused', async () => {
    const { openBehind } = await startBehind(startProxy);
    const nobody = openBehind('/?room=r');
    expect(await nobody.closed).toEqual({ code: 4400, reason: 'streamName is missing' });
  });

  test('a client whose connection ends without a close is gone', async () => {
    const { openBehind, join } = await startBehind(startProxy);
    const anna = await join('r', 'anna');
    const ben = openBehind(joinTarget('r', 'ben'));
    await ben.until('anna', 'ben');
    await anna.until('anna', 'ben');
    ben.ws.terminate();
    await anna.until('anna');
  });

  if (SILENCE > 0) {
    test(
      `a member stays for ${SILENCE} s in which nobody says anything`,
      async () => {
        const { openBehind, join } = await startBehind(startProxy);
        const anna = openBehind(joinTarget('r', 'anna'));
        await anna.until('anna');
        await sleep(SILENCE * 1_000);
        expect(anna.unread()).toEqual([]);
        await join('r', 'ben');
        expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
      },
      SILENCE * 1_000 + 30_000,
    );
  }
}
