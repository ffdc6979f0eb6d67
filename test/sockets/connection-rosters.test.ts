/** What one connection is sent, and what keeps it waiting. */
import { Account } from '../../src/sockets/egress';
import { PIECE } from '../../src/sockets/pieces';
import { memberOnHeld, turn } from '../helpers/held-connection';
import { ManualClock } from '../helpers/manual-clock';

describe('a roster', () => {
  test('that the system takes at once leaves nothing to wait for', async () => {
    const { connection, stream, ready, clock } = await memberOnHeld();
    expect(connection.take(Buffer.from('one'))).toBe(true);
    expect(connection.take(Buffer.from('two'))).toBe(true);
    expect([stream.text(), connection.behind, clock.waiting]).toEqual(['onetwo', false, 0]);
    expect(ready).not.toHaveBeenCalled();
  });

  test('is not sent while the one before waits; who is behind is told when that has left, once', async () => {
    const { connection, stream, ready, clock } = await memberOnHeld();
    stream.isHeld = true;
    expect(connection.take(Buffer.from('one'))).toBe(true);
    expect([connection.behind, clock.waiting]).toEqual([false, 1]);
    expect(connection.take(Buffer.from('two'))).toBe(false);
    expect(connection.behind).toBe(true);
    stream.takeAll();
    await turn();
    expect(ready.mock.calls).toEqual([[connection]]);
    expect(connection.take(Buffer.from('new'))).toBe(true);
    expect([stream.text(), connection.behind, clock.waiting]).toEqual(['onenew', false, 0]);
  });

  test('that waits makes nobody ready who is not behind', async () => {
    const { connection, stream, ready } = await memberOnHeld();
    stream.isHeld = true;
    connection.take(Buffer.from('one'));
    stream.takeAll();
    await turn();
    expect(ready).not.toHaveBeenCalled();
    expect(connection.take(Buffer.from('two'))).toBe(true);
  });

  test('is nothing to a connection that is closing', async () => {
    const { connection, stream } = await memberOnHeld();
    connection.close({ code: 4000, reason: 'go' });
    stream.text();
    expect(connection.take(Buffer.from('late'))).toBe(true);
    connection.ping();
    expect(stream.text()).toBe('');
  });

  test('that is owed is owed no more to who has gone', async () => {
    const { connection, stream, ready } = await memberOnHeld();
    stream.isHeld = true;
    connection.take(Buffer.from('one'));
    connection.take(Buffer.from('two'));
    connection.close({ code: 4000, reason: 'go' });
    expect(connection.behind).toBe(false);
    stream.takeAll();
    await turn();
    expect(ready).not.toHaveBeenCalled();
  });

  test('is sent though a ping waits', async () => {
    const { connection, stream } = await memberOnHeld();
    stream.isHeld = true;
    connection.ping();
    expect(connection.take(Buffer.from('one'))).toBe(true);
    stream.takeAll();
    await turn();
    expect(stream.text()).toBe('\x89\x00one');
  });

  test('is watched though the one before is only now known to have left', async () => {
    const { connection, stream, clock } = await memberOnHeld();
    stream.isHeld = true;
    connection.take(Buffer.from('one'));
    stream.takeAll();
    stream.isHeld = true;
    expect(connection.take(Buffer.from('two'))).toBe(true);
    await turn();
    expect(clock.waiting).toBe(1);
    stream.takeAll();
    await turn();
    expect([stream.text(), clock.waiting]).toEqual(['onetwo', 0]);
  });

  test('of one piece is sent as it is', async () => {
    const { connection, stream, turns } = await memberOnHeld();
    stream.isHeld = true;
    connection.take(Buffer.alloc(PIECE, 'a'));
    stream.takeAll();
    await turn();
    expect([stream.text(), turns.length]).toEqual(['a'.repeat(PIECE), 0]);
  });

  test('that is larger is sent in pieces: the first at once, the others each in a turn, again and again', async () => {
    const { connection, stream, turns } = await memberOnHeld();
    for (const letter of 'abc') {
      stream.isHeld = true;
      connection.take(Buffer.alloc(2 * PIECE, letter));
      stream.takeAll();
      await turn();
      expect([stream.text(), turns.length]).toEqual([letter.repeat(PIECE), 1]);
      turns.shift()?.();
      await turn();
      expect([stream.text(), turns.length]).toEqual([letter.repeat(PIECE), 1]);
      turns.shift()?.();
      await turn();
      expect([stream.text(), turns.length]).toEqual(['', 0]);
    }
  });
});

describe('a roster over TLS', () => {
  test('takes of the budget of the node what it copies, until that has left', async () => {
    const { connection, stream, inFlight } = await memberOnHeld('TLS');
    stream.isHeld = true;
    connection.take(Buffer.alloc(1_000));
    expect(inFlight.bytes).toBe(1_000);
    stream.takeAll();
    await turn();
    expect(inFlight.bytes).toBe(0);
  });

  test('takes one piece of it, however large it is, and gives that back with the socket', async () => {
    const { connection, stream, inFlight } = await memberOnHeld('TLS');
    stream.isHeld = true;
    connection.take(Buffer.alloc(10 * PIECE));
    expect(inFlight.bytes).toBe(PIECE);
    connection.drop('enough');
    await turn();
    expect(inFlight.bytes).toBe(0);
  });

  test('takes nothing of it over TCP', async () => {
    const { connection, stream, inFlight } = await memberOnHeld();
    stream.isHeld = true;
    connection.take(Buffer.alloc(1_000));
    expect(inFlight.bytes).toBe(0);
  });
});

describe('the budget of an address', () => {
  async function withAccounts() {
    const clock = new ManualClock();
    const accounts = ['network', 'site'].map((key) => new Account(key, clock, { burst: 100, rate: 100 }));
    const [network, site] = accounts as [Account, Account];
    return { budgetClock: clock, network, site, ...(await memberOnHeld('TCP', [network, site])) };
  }

  test('pays for what is sent, from all that count', async () => {
    const { connection, network, site, stream } = await withAccounts();
    expect(connection.take(Buffer.from('x'.repeat(100)))).toBe(true);
    expect([network.hasSome, site.hasSome, stream.text().length]).toEqual([false, false, 100]);
  });

  test('that is used up keeps a member behind until it fills again, and costs the others nothing', async () => {
    const { connection, network, site, stream, ready, budgetClock } = await withAccounts();
    site.spend(100);
    expect(connection.take(Buffer.from('one'))).toBe(false);
    expect([connection.behind, network.isFull(0), stream.text()]).toEqual([true, true, '']);
    budgetClock.spend(5);
    expect([site.hasSome, connection.take(Buffer.from('two'))]).toEqual([true, false]);
    budgetClock.advance(5);
    expect(ready.mock.calls).toEqual([[connection]]);
    expect(connection.take(Buffer.from('two'))).toBe(true);
    expect(stream.text()).toBe('two');
  });

  test('and what still waits make a member ready once, when both let it', async () => {
    const { connection, stream, ready, budgetClock } = await withAccounts();
    stream.isHeld = true;
    connection.take(Buffer.from('x'.repeat(100)));
    stream.takeAll();
    expect(connection.take(Buffer.from('two'))).toBe(false);
    await turn();
    expect(ready).not.toHaveBeenCalled();
    budgetClock.advance(10);
    expect(ready).toHaveBeenCalledTimes(1);
  });

  test('that fills just before the last roster is known to have left makes a member ready once', async () => {
    const { connection, stream, ready, budgetClock } = await withAccounts();
    stream.isHeld = true;
    connection.take(Buffer.from('x'.repeat(100)));
    stream.takeAll();
    connection.take(Buffer.from('two'));
    stream.isHeld = true;
    connection.ping();
    budgetClock.advance(10);
    await turn();
    expect(ready).toHaveBeenCalledTimes(1);
  });

  test('has nobody waiting who has gone', async () => {
    const { connection, site, budgetClock, ready } = await withAccounts();
    site.spend(100);
    connection.take(Buffer.from('one'));
    expect(budgetClock.waiting).toBe(1);
    connection.close({ code: 4000, reason: 'go' });
    expect(budgetClock.waiting).toBe(0);
    expect(ready).not.toHaveBeenCalled();
  });
});
