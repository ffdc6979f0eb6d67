/** What the system says of a connection, taken as a sign of life. */
import { createServer } from 'node:net';
import { connectHeld, memberOnHeld } from '../helpers/held-connection';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('a measurement', () => {
  const server = createServer();
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => server.close());

  async function measured() {
    const connected = await memberOnHeld();
    const { connection, stream, clock, queues } = connected;
    const { _handle } = server as unknown as { readonly _handle: { readonly fd: number } };
    stream._handle.fd = _handle.fd;
    /** Measures a second later, with so many bytes not acknowledged. @returns its last sign of life */
    const measure = async (queued: number | undefined) => {
      clock.advance(1_000);
      queues.length = queued;
      await connection.measure();
      return connection.lastAlive;
    };
    return { ...connected, measure };
  }

  test('shows life, as of the one before, once more is acknowledged than then', async () => {
    const { connection, measure, queues } = await measured();
    connection.take(Buffer.alloc(1_000));
    expect(await measure(1_000)).toBe(0);
    expect(await measure(1_000)).toBe(0);
    expect(await measure(999)).toBe(2_000);
    expect(await measure(999)).toBe(2_000);
    expect(await measure(0)).toBe(4_000);
    expect(new Set(queues.asked).size).toBe(1);
  });

  test('takes nothing for acknowledged that has not left the process', async () => {
    const { connection, measure, stream } = await measured();
    stream.isHeld = true;
    connection.take(Buffer.alloc(1_000));
    // It waits for its turn, so that only the measurement tells.
    stream._handle.writeQueueSize = 0;
    expect(await measure(0)).toBe(0);
    connection.take(Buffer.alloc(1_000));
    expect(await measure(0)).toBe(0);
    stream.takeAll();
    expect(await measure(0)).toBe(2_000);
  });

  test('counts what was sent since the one before, and is acknowledged', async () => {
    const { connection, measure } = await measured();
    connection.take(Buffer.alloc(1_000));
    expect(await measure(1_000)).toBe(0);
    connection.take(Buffer.alloc(1_000));
    expect(await measure(2_000)).toBe(0);
    expect(await measure(1_999)).toBe(2_000);
    connection.take(Buffer.alloc(1_000));
    expect(await measure(2_500)).toBe(3_000);
  });

  test('counts nothing that was sent behind the ping, nor what the one before its ping saw', async () => {
    const { connection, measure } = await measured();
    connection.take(Buffer.alloc(1_000));
    expect(await measure(1_000)).toBe(0);
    connection.ping();
    expect(await measure(500)).toBe(0);
    expect(await measure(400)).toBe(2_000);
    expect(await measure(0)).toBe(3_000);
    connection.take(Buffer.alloc(1_000));
    expect(await measure(0)).toBe(3_000);
    expect(await measure(0)).toBe(3_000);
  });

  test('says nothing where the system does not', async () => {
    const { connection, measure, queues, stream } = await measured();
    connection.take(Buffer.alloc(1_000));
    await measure(1_000);
    expect(await measure(undefined)).toBe(0);
    expect(await measure(0)).toBe(1_000);
    const other = await connectHeld();
    await other.connection.measure();
    expect(other.queues.asked).toHaveLength(0);
    expect(queues.asked).toHaveLength(3);
    stream.destroy();
  });

  test('says nothing of who has gone meanwhile', async () => {
    const { connection, measure } = await measured();
    connection.take(Buffer.alloc(1_000));
    await measure(1_000);
    connection.close({ code: 4000, reason: 'go' });
    expect(await measure(0)).toBe(0);
  });
});
