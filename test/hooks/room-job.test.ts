/** One room's turns, with and without other nodes. */
import type { Account, Ledger } from '../../src/conference/ledger';
import type { Message } from '../../src/hooks/account';
import type { Failure } from '../../src/hooks/receiver';
import { RoomJob } from '../../src/hooks/room-job';

const OPEN: Account = { seq: 7, isOpen: true, streams: ['anna'] };

/** What a test lets happen; all is well unless it says otherwise. */
interface World {
  listed: readonly string[] | undefined;
  isCurrent: boolean;
  outcome: Failure;
  isLinked: boolean;
  /** Undefined where another node speaks for the room. */
  claimed: { readonly account: Account | undefined } | undefined;
  isSaved: boolean | Error;
  afterSave: () => void;
  afterSettle: () => void;
}

function story({ isAlone = false } = {}) {
  const world: World = {
    ...{ listed: ['anna'], isCurrent: true, outcome: undefined, isLinked: true },
    ...{ claimed: { account: undefined }, isSaved: true, afterSave: () => {}, afterSettle: () => {} },
  };
  const said: string[] = [];
  const messages: Message[] = [];
  const ledger = {
    get isLinked() {
      return world.isLinked;
    },
    claim: async (room) => {
      said.push(`claim ${room}`);
      return world.claimed;
    },
    save: async (_room, { seq, event }) => {
      said.push(`save ${seq}${event ? ` ${event.type}` : ''}`);
      world.afterSave();
      if (world.isSaved instanceof Error) throw world.isSaved;
      return world.isSaved;
    },
    settle: async (_room, { seq }) => {
      said.push(`settle ${seq}`);
      world.afterSettle();
    },
    release: async (rooms) => {
      said.push(`release ${rooms}`);
    },
  } as Partial<Ledger> as Ledger;
  const job: RoomJob = new RoomJob('salon', {
    ledger: isAlone ? undefined : ledger,
    listed: () => world.listed,
    nextSeq: (after) => after + 1,
    deliver: async (message) => {
      expect(job.isRunning).toBe(true);
      messages.push(message);
      const { type, data } = JSON.parse(message.body);
      said.push(`tell ${data.seq} ${type}`);
      return world.outcome;
    },
    isCurrent: (asked) => asked === job && world.isCurrent,
    onFailure: (error) => said.push(`failure ${error}`),
    finished: (done) => said.push(`finished ${done.room}`),
  });
  const turn = async () => {
    const end = await job.turn();
    expect(job.isRunning).toBe(false);
    return [end, said.splice(0)];
  };
  return { world, job, messages, turn };
}

describe('on a node that is alone', () => {
  test('a room is told open, then its list, and finished when it was told empty', async () => {
    const { world, job, turn } = story({ isAlone: true });
    job.since = 5;
    expect(await turn()).toEqual([{ rest: 0 }, ['tell 1 room.opened']]);
    expect(await turn()).toEqual([{ rest: 25 }, ['tell 2 roster.changed']]);
    expect(job.since).toBe(5);
    expect([await turn(), job.since]).toEqual([['idle', []], undefined]);
    world.listed = [];
    expect(await turn()).toEqual([{ rest: 25 }, ['tell 3 roster.changed']]);
    expect(await turn()).toEqual([{ rest: 0 }, ['tell 4 room.empty']]);
    expect(await turn()).toEqual(['idle', ['finished salon']]);
  });

  test('a list is told less often the longer it is: a million bytes a second', async () => {
    const { world, messages, turn } = story({ isAlone: true });
    world.listed = Array.from({ length: 1_000 }, (_, n) => `${'x'.repeat(100)}${n}`);
    await turn();
    const [end] = await turn();
    expect(end).toEqual({ rest: (messages[1]?.body.length ?? 0) / 1_000 });
    expect(messages[1]?.body.length).toBeGreaterThan(200_000);
  });

  test.each<[Failure, string]>([
    [{ why: 'unreachable' }, 'failed'],
    [{ why: '500', status: 500 }, 'failed'],
    [{ why: '410', status: 410 }, 'gone'],
  ])('an event that is not taken, %j, is told again as it was', async (outcome, end) => {
    const { world, messages, turn } = story({ isAlone: true });
    world.outcome = outcome;
    expect((await turn())[0]).toBe(end);
    world.outcome = undefined;
    world.listed = ['ben'];
    expect((await turn())[0]).toEqual({ rest: 0 });
    expect(messages[1]).toEqual(messages[0]);
    await turn();
    expect(JSON.parse(messages[2]?.body ?? '').data).toMatchObject({
      streams: ['ben'],
      joined: ['ben'],
      left: [],
    });
  });

  test('another job may have taken its place', async () => {
    const { world, turn } = story({ isAlone: true });
    world.isCurrent = false;
    expect(await turn()).toEqual(['idle', []]);
  });

  test('nothing is given up or released to others', async () => {
    const { job, turn } = story({ isAlone: true });
    await job.leave();
    expect((await turn())[1]).toContain('finished salon');
  });
});

describe('with other nodes', () => {
  test('it speaks for the room once that is claimed, and saves each event before it is told', async () => {
    const { turn } = story();
    expect(await turn()).toEqual([
      ...[{ rest: 0 }, ['claim salon', 'save 1 room.opened', 'tell 1 room.opened', 'save 1']],
    ]);
    expect((await turn())[1]).toEqual(['save 2 roster.changed', 'tell 2 roster.changed', 'save 2']);
    expect(await turn()).toEqual(['idle', []]);
  });

  test('it asks for nothing without a link', async () => {
    const { world, turn } = story();
    world.isLinked = false;
    expect(await turn()).toEqual(['idle', []]);
  });

  test('another node may speak for the room, until that is in doubt', async () => {
    const { world, job, turn } = story();
    job.since = 5;
    world.claimed = undefined;
    expect(await turn()).toEqual(['idle', ['claim salon']]);
    expect([job.isForeign, job.since]).toEqual([true, undefined]);
    job.doubt();
    expect(job.isForeign).toBe(false);
    world.claimed = { account: OPEN };
    expect(await turn()).toEqual(['idle', ['claim salon']]);
    expect(job.isForeign).toBe(false);
    job.doubt();
    expect(await turn()).toEqual(['idle', ['claim salon']]);
  });

  test('it goes on from what the ledger has, unless it knows better itself', async () => {
    const { world, job, turn } = story();
    world.claimed = { account: { seq: 3, isOpen: true, streams: [] } };
    expect((await turn())[1]).toContain('tell 4 roster.changed');
    for (const account of [undefined, OPEN, { ...OPEN, seq: 3, streams: [] }]) {
      job.doubt();
      world.claimed = { account };
      world.listed = ['anna'];
      expect(await turn()).toEqual(['idle', ['claim salon']]);
    }
    world.listed = ['ben'];
    expect((await turn())[1]).toContain('tell 8 roster.changed');
    job.doubt();
    world.claimed = { account: { ...OPEN, seq: 8 } };
    expect((await turn())[1]).toContain('tell 9 roster.changed');
  });

  test('it claims the room again where the ledger says that it speaks for it no more', async () => {
    const { world, turn } = story();
    world.isSaved = false;
    expect(await turn()).toEqual(['again', ['claim salon', 'save 1 room.opened']]);
    world.isSaved = true;
    expect((await turn())[1]).toEqual(['claim salon', 'save 1 room.opened', 'tell 1 room.opened', 'save 1']);
  });

  test('it tells nothing once the link is lost: there may be a successor', async () => {
    const { world, turn } = story();
    world.afterSave = () => {
      world.isLinked = false;
    };
    expect(await turn()).toEqual(['idle', ['claim salon', 'save 1 room.opened']]);
    world.afterSave = () => {};
    world.isLinked = true;
    expect((await turn())[1]).toEqual(['tell 1 room.opened', 'save 1']);
  });

  test('a ledger that fails is said to, and nothing is told', async () => {
    const { world, turn } = story();
    world.isSaved = new Error('no ledger');
    expect(await turn()).toEqual(['idle', ['claim salon', 'save 1 room.opened', 'failure Error: no ledger']]);
  });

  test('a ledger that fails after an event was taken changes nothing', async () => {
    const { world, turn } = story();
    let saves = 0;
    world.afterSave = () => {
      saves++;
      if (saves === 2) world.isSaved = new Error('no ledger');
    };
    expect((await turn())[0]).toEqual({ rest: 0 });
    world.isSaved = true;
    expect((await turn())[1]).toContain('tell 2 roster.changed');
  });

  test('a room that is closed is settled, and finished unless somebody has come meanwhile', async () => {
    const { world, turn } = story();
    world.listed = [];
    world.afterSettle = () => {
      world.listed = ['anna'];
    };
    expect(await turn()).toEqual(['again', ['claim salon', 'settle 0']]);
    world.listed = [];
    world.afterSettle = () => {};
    expect(await turn()).toEqual(['idle', ['claim salon', 'settle 0', 'finished salon']]);
  });

  test('a room that only others know is left to them', async () => {
    const { world, job, turn } = story();
    await turn();
    world.listed = undefined;
    expect(await turn()).toEqual(['idle', ['finished salon', 'release salon']]);
    await job.leave();
    expect(job.giveUp()).toBe(false);
  });

  test('it is given up once', async () => {
    const { job, turn } = story();
    expect(job.giveUp()).toBe(false);
    await turn();
    expect([job.giveUp(), job.giveUp()]).toEqual([true, false]);
    await job.leave();
    expect((await turn())[1]).toEqual([
      'finished salon',
      'claim salon',
      ...['save 2 roster.changed', 'tell 2 roster.changed', 'save 2'],
    ]);
  });
});
