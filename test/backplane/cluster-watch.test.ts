/** Who is asked for the map of a Redis Cluster, when, and what comes of it; and how one slot's primary is found. */
import type { ClusterMap } from '../../src/backplane/cluster-map';
import { ClusterWatch } from '../../src/backplane/cluster-watch';
import type { Connection } from '../../src/backplane/connection';
import { connectToSlot } from '../../src/backplane/slot-connection';
import { type RedisAddress, redisAddresses } from '../../src/redis-addresses';
import { ManualClock } from '../helpers/manual-clock';

const INTERVAL = 5_000;
const addressOf = (place: string): RedisAddress => ({ url: `redis://${place}`, place, database: 0 });
const mapOf = (...places: string[]): ClusterMap => ({
  primaries: places.map((place, index) => ({
    id: place,
    address: addressOf(place),
    ranges: [[index * 100, index * 100 + 99]],
  })),
  replicas: [],
});
const settled = () => new Promise(setImmediate);

function watch() {
  const clock = new ManualClock();
  const followed: ClusterMap[] = [];
  const asked: (ClusterMap | undefined)[] = [];
  const answers = { next: (): Promise<ClusterMap> => Promise.resolve(mapOf('a')) };
  const cluster = new ClusterWatch({
    clock,
    interval: INTERVAL,
    ask: (known) => {
      asked.push(known);
      return answers.next();
    },
    onMap: (map) => followed.push(map),
  });
  return { clock, followed, asked, answers, cluster };
}

describe('the map of a cluster', () => {
  test('is asked for where it is in doubt, once for all who want to know', async () => {
    const { cluster, asked, followed } = watch();
    await Promise.all([cluster.settle(), cluster.settle()]);
    expect([asked, followed]).toEqual([[undefined], [mapOf('a')]]);
    await cluster.settle();
    expect(asked).toHaveLength(1);
    cluster.doubt();
    await cluster.settle();
    expect([asked, followed]).toEqual([[undefined, mapOf('a')], [mapOf('a')]]);
  });

  test('is followed where it is another one', async () => {
    const { cluster, answers, followed } = watch();
    await cluster.learn();
    answers.next = async () => mapOf('a', 'b');
    await cluster.learn();
    await cluster.learn();
    expect(followed).toEqual([mapOf('a'), mapOf('a', 'b')]);
  });

  test('is asked for now and then in any case, also after a failure, which leaves it in doubt', async () => {
    const { clock, cluster, answers, asked } = watch();
    expect(clock.waiting).toBe(0);
    await cluster.learn();
    clock.advance(INTERVAL - 1);
    expect(asked).toHaveLength(1);
    answers.next = () => Promise.reject(new Error('nobody knows'));
    clock.advance(1);
    await settled();
    expect([asked.length, clock.waiting]).toEqual([2, 1]);
    await expect(cluster.settle()).rejects.toThrow('nobody knows');
    expect([asked.length, clock.waiting]).toEqual([3, 1]);
    clock.advance(INTERVAL);
    await settled();
    expect(asked).toHaveLength(4);
  });

  test('is not followed by a node that has stopped, which asks no more', async () => {
    const { clock, cluster, followed } = watch();
    const asking = cluster.learn();
    cluster.stop();
    await asking;
    expect([followed, clock.waiting]).toEqual([[], 0]);
    const other = watch();
    await other.cluster.learn();
    expect(other.clock.waiting).toBe(1);
    other.cluster.stop();
    expect(other.clock.waiting).toBe(0);
  });
});

/** What connects to the slot, where each attempt ends as it is told to. */
function slotStory(urls: string, slot: number) {
  const story = {
    tried: [] as string[],
    asked: 0,
    map: mapOf('x:1', 'y:1'),
    fails: undefined as Error | undefined,
    moved: [] as (() => void)[],
    lose: (_why: Error) => {},
    destroyed: [] as string[],
  };
  const newConnection = (): Connection => ({
    lost: new Promise((resolve) => {
      story.lose = resolve;
    }),
    destroy: (why) => story.destroyed.push(why.message),
    subscribe: async () => {},
    unsubscribe: async () => {},
    readHash: async () => ({}),
    run: async () => undefined,
    evictionPolicy: async () => undefined,
  });
  const connect = connectToSlot(slot, redisAddresses(urls), {
    connectTo:
      ({ place }, cluster) =>
      async () => {
        story.tried.push(`${place}${cluster === undefined ? '' : ' in a cluster'}`);
        if (cluster !== undefined) story.moved.push(cluster.onMoved);
        if (story.fails !== undefined) throw story.fails;
        return newConnection();
      },
    askForMap: async () => {
      story.asked++;
      return story.map;
    },
  });
  return { story, connect: () => connect(() => {}, new AbortController().signal) };
}

const MOVED = new Error('MOVED 5 10.0.0.1:6379');

describe('what is on one slot', () => {
  test('goes to the plain Redis that has it, whatever else fails', async () => {
    const { story, connect } = slotStory('redis://a:1,redis://b:1', 16_000);
    await connect();
    story.lose(new Error('gone'));
    await settled();
    story.fails = new Error('connect ECONNREFUSED');
    await expect(connect()).rejects.toThrow('ECONNREFUSED');
    story.fails = undefined;
    await connect();
    expect([story.tried, story.asked]).toEqual([['b:1', 'b:1', 'b:1'], 0]);
  });

  test.each(['lost', 'refused'])(
    'asks for its primary when a link that is %s says it is a cluster',
    async (how) => {
      const { story, connect } = slotStory('redis://a:1,redis://b:1', 105);
      if (how === 'refused') {
        story.fails = MOVED;
        await expect(connect()).rejects.toThrow('MOVED');
        story.fails = undefined;
      } else {
        await connect();
        story.lose(MOVED);
        await settled();
      }
      await connect();
      story.lose(new Error('gone'));
      await settled();
      await connect();
      expect([story.tried, story.asked]).toEqual([['a:1', 'y:1 in a cluster', 'y:1 in a cluster'], 2]);
      story.moved.at(-1)?.();
      expect(story.destroyed).toEqual(['slot 105 has another primary']);
    },
  );

  test('has no connection while no primary has it', async () => {
    const { story, connect } = slotStory('redis://a:1', 500);
    story.fails = MOVED;
    await expect(connect()).rejects.toThrow('MOVED');
    await expect(connect()).rejects.toThrow('slot 500 has no primary');
    expect(story.tried).toEqual(['a:1']);
  });

  test('is told no move before it is connected', async () => {
    const { story, connect } = slotStory('redis://a:1', 5);
    story.fails = MOVED;
    await expect(connect()).rejects.toThrow('MOVED');
    await expect(connect()).rejects.toThrow('MOVED');
    expect(() => story.moved[0]?.()).not.toThrow();
    expect(story.destroyed).toEqual([]);
  });
});
