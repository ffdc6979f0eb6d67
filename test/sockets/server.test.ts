/** What a client may cost, as it is on the wire. */
import { once } from 'node:events';
import type { ConferenceEvents } from '../../src/index';
import { joinTarget, startHost } from '../helpers/host';
import { clientFrame } from '../helpers/raw-client';

/** A member of which the host hears every byte, and how it left. */
async function memberOf(started: Awaited<ReturnType<typeof startHost>>) {
  const left = once(started.host.events, 'left') as Promise<ConferenceEvents['left']>;
  const client = await started.raw();
  await client.join(joinTarget('room', 'anna'));
  return { client, departure: left.then(([, departure]) => departure) };
}

const FIN = 0x80;
const [CONTINUATION, TEXT, PING] = [0x0, 0x1, 0x9];

describe('a client', () => {
  test('may send 4,096 bytes in a message, and not one more', async () => {
    const { client, departure } = await memberOf(await startHost());
    client.send(clientFrame(FIN | TEXT, 'x'.repeat(4_097)));
    expect(await departure).toMatchObject({ code: 1009 });
  });

  test('may send a message in 8 fragments, and not in 9', async () => {
    const { client, departure } = await memberOf(await startHost());
    client.send(clientFrame(TEXT));
    for (let fragment = 2; fragment < 8; fragment++) client.send(clientFrame(CONTINUATION));
    client.send(clientFrame(FIN | CONTINUATION));
    client.send(clientFrame(FIN | PING, 'still here'));
    await client.until('still here');
    client.send(clientFrame(TEXT));
    for (let fragment = 2; fragment <= 9; fragment++) client.send(clientFrame(CONTINUATION));
    expect(await departure).toMatchObject({ code: 1008 });
  });

  test('whose frame comes byte by byte in more than 64 pieces is cut off', async () => {
    const { client, departure } = await memberOf(await startHost());
    client.socket.setNoDelay(true);
    for (const byte of clientFrame(FIN | TEXT, 'x'.repeat(100))) {
      if (client.socket.destroyed) break;
      client.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    }
    expect(await departure).toMatchObject({ code: 1008 });
  });

  test('that floods with tiny frames is read one frame a turn', async () => {
    const started = await startHost();
    const { client } = await memberOf(started);
    let turns = 0;
    const perTurn: number[] = [];
    let inTurn = 0;
    started.host.events.on('ignored', () => {
      if (inTurn++ === 0)
        setImmediate(() => {
          turns++;
          perTurn.push(inTurn);
          inTurn = 0;
        });
    });
    client.send(Buffer.concat(Array.from({ length: 100 }, () => clientFrame(FIN | TEXT))));
    client.send(clientFrame(FIN | PING, 'done'));
    await client.until('done');
    expect(turns).toBeGreaterThan(50);
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(2);
    client.reset();
  });

  test('that does not answer a close loses its socket long before the 30 s that ws would give it', async () => {
    const started = await startHost();
    const { client, departure } = await memberOf(started);
    const [member] = started.host.members('room');
    const closing = client.until('removed by an operator');
    expect(started.host.remove(member?.id ?? 0)).toBe(true);
    await closing;
    await departure;
    const late = setTimeout(() => client.socket.destroy(new Error('it lingers')), 10_000);
    await client.closed;
    clearTimeout(late);
    expect(client.socket.errored).toBeNull();
  });
});
