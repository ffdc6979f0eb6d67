/** What one address may be sent. */
import { EGRESS, Egress, type Waiter } from '../../src/sockets/egress';
import { TestClient } from '../helpers/client';
import { joinTarget, startHost } from '../helpers/host';
import { ManualClock } from '../helpers/manual-clock';

const STRANGER = '203.0.113.1';
const SECOND = 1_000;

function setUp() {
  const clock = new ManualClock();
  const egress = new Egress(clock);
  const accountOf = (address: string) => {
    const [account] = egress.join(address);
    if (account === undefined) throw new Error(`no limit applies to ${address}`);
    return account;
  };
  return { clock, egress, accountOf };
}

describe('the budget of an address', () => {
  test('is spent at once, and fills up with time', () => {
    const { clock, accountOf } = setUp();
    const account = accountOf(STRANGER);
    account.spend(EGRESS.burst);
    expect(account.hasSome).toBe(false);
    clock.advance(1);
    expect(account.hasSome).toBe(true);
  });

  test('may be overdrawn by one roster, which is owed', () => {
    const { clock, accountOf } = setUp();
    const account = accountOf(STRANGER);
    account.spend(EGRESS.burst + EGRESS.rate);
    clock.advance(SECOND);
    expect(account.hasSome).toBe(false);
    clock.advance(1);
    expect(account.hasSome).toBe(true);
  });

  test('is one for all its members, and each address has its own', () => {
    const { accountOf } = setUp();
    accountOf(STRANGER).spend(EGRESS.burst);
    expect(accountOf(STRANGER).hasSome).toBe(false);
    expect(accountOf('203.0.113.2').hasSome).toBe(true);
  });

  test('does not exist where no limit applies', () => {
    const { egress } = setUp();
    expect(egress.join('127.0.0.1')).toEqual([]);
    expect(egress.join('10.0.0.1')).toEqual([]);
  });

  test('is that of its network and of its site, where it is an IPv6 one', () => {
    const { egress } = setUp();
    const [network, site] = egress.join('2606:4700:1:2::1');
    expect(egress.join('2606:4700:1:2::2')).toEqual([network, site]);
    expect(egress.join('2606:4700:1:3::1')[1]).toBe(site);
    expect(egress.join('2606:4700:1:3::1')[0]).not.toBe(network);
  });

  test('is larger for a site than for a network of it, and fills faster', () => {
    const { clock, egress } = setUp();
    const [network, site] = egress.join('2606:4700:1:2::1');
    for (const account of [network, site]) account?.spend(EGRESS.burst);
    expect([network?.hasSome, site?.hasSome]).toEqual([false, true]);
    site?.spend(1_000 * EGRESS.rate);
    clock.advance(900 * SECOND);
    expect([network?.isFull(clock.now()), site?.isFull(clock.now())]).toEqual([true, true]);
  });

  test('is not refilled by leaving and coming back, and is forgotten once it would be full', () => {
    const { clock, egress, accountOf } = setUp();
    const accounts = egress.join(STRANGER);
    accounts[0]?.spend(EGRESS.burst);
    egress.leave(accounts);
    accountOf('203.0.113.2');
    expect(egress.join(STRANGER)).toEqual(accounts);
    egress.leave(accounts);
    clock.advance((EGRESS.burst / EGRESS.rate) * SECOND);
    accountOf('203.0.113.3');
    expect(egress.join(STRANGER)[0]).not.toBe(accounts[0]);
  });

  test('is kept while one of its members is there, however full it is', () => {
    const { clock, egress, accountOf } = setUp();
    const accounts = egress.join(STRANGER);
    expect(egress.join(STRANGER)).toEqual(accounts);
    egress.leave(accounts);
    clock.advance(60 * SECOND);
    accountOf('203.0.113.2');
    expect(egress.join(STRANGER)[0]).toBe(accounts[0]);
  });

  test('of who came back is not forgotten', () => {
    const { clock, egress, accountOf } = setUp();
    const accounts = egress.join(STRANGER);
    egress.leave(accounts);
    egress.join(STRANGER);
    clock.advance(60 * SECOND);
    accountOf('203.0.113.2');
    expect(egress.join(STRANGER)[0]).toBe(accounts[0]);
  });
});

describe('members of an address whose budget is used up', () => {
  /** Members that are sent `bytes` each as soon as they may be. */
  function setUpWaiters(count: number, bytes: number) {
    const { clock, accountOf } = setUp();
    const account = accountOf(STRANGER);
    account.spend(EGRESS.burst);
    const told: number[] = [];
    const waiters = Array.from(
      { length: count },
      (_, index): Waiter => ({
        resume: () => {
          told.push(index);
          account.spend(bytes);
        },
      }),
    );
    for (const waiter of waiters) account.wait(waiter);
    return { clock, account, told, waiters };
  }

  test('are told in turn, as the budget fills up', () => {
    const { clock, told } = setUpWaiters(4, EGRESS.rate / 2);
    clock.advance(SECOND);
    expect(told).toEqual([0, 1]);
    clock.advance(SECOND);
    expect(told).toEqual([0, 1, 2, 3]);
    expect(clock.waiting).toBe(0);
  });

  test('and who leaves meanwhile is not, and keeps no timer', () => {
    const { clock, account, told, waiters } = setUpWaiters(2, 1);
    for (const waiter of waiters) account.forget(waiter);
    expect(clock.waiting).toBe(0);
    clock.advance(SECOND);
    expect(told).toEqual([]);
  });

  test('are told in batches, 10 ms apart, however little they wait for', () => {
    const { clock, told } = setUpWaiters(1, 1);
    clock.advance(9);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual([0]);
  });

  test('wait as long as it takes until nothing is owed, by one timer', () => {
    const { clock, account, told } = setUpWaiters(2, 1);
    account.spend(EGRESS.rate);
    expect(clock.waiting).toBe(1);
    clock.advance(SECOND - 1);
    expect(told).toEqual([]);
    clock.advance(20);
    expect(told).toEqual([0, 1]);
    expect(clock.waiting).toBe(0);
  });

  test('and who leaves makes nobody else wait for ever', () => {
    const { clock, account, told, waiters } = setUpWaiters(2, 1);
    const [first] = waiters;
    if (first !== undefined) account.forget(first);
    expect(clock.waiting).toBe(1);
    clock.advance(SECOND);
    expect(told).toEqual([1]);
  });

  test('may wait again after all have left', () => {
    const { clock, account, told, waiters } = setUpWaiters(1, 1);
    const [only] = waiters;
    if (only === undefined) throw new Error('there is no waiter');
    account.forget(only);
    account.wait(only);
    clock.advance(SECOND);
    expect(told).toEqual([0]);
    account.spend(EGRESS.burst + EGRESS.rate);
    account.wait(only);
    clock.advance(60 * SECOND);
    expect(told).toEqual([0, 0]);
  });
});

describe('a loud room', () => {
  const MEMBERS = 100;
  /** Each takes twice its size in JSON. */
  const nameOf = (index: number) => `${index}`.padEnd(256, '"');

  test('gets no more than its address may be sent, and all of it hear the last roster; others hear all', async () => {
    const { port, open } = await startHost({ trustProxy: ['loopback'], maxHandshakesPerIp: 1_000 });
    const headers = { 'X-Forwarded-For': STRANGER };
    const startedAt = performance.now();
    const names = Array.from({ length: MEMBERS }, (_, index) => nameOf(index));
    let received = 0;
    const loud = names.map((name) => {
      const client = new TestClient(`ws://127.0.0.1:${port}${joinTarget('loud', name)}`, [], { headers });
      client.ws.on('message', (data: Buffer) => {
        received += data.length;
      });
      return client;
    });
    const listener = open(joinTarget('loud', 'listener'));
    const listsAll = async (client: TestClient) => {
      while ((await client.nextStreams()).length <= MEMBERS);
    };
    await listsAll(listener);
    await Promise.all(loud.map(listsAll));
    const seconds = (performance.now() - startedAt) / SECOND;
    const last = MEMBERS * 2 * 256;
    expect(received).toBeLessThanOrEqual(EGRESS.burst + EGRESS.rate * (seconds + 0.1) + last);
  });
});
