/** A node says that it lives, and hears who else does. */
import { beat } from '../../src/backplane/heartbeat';
import { Keys } from '../../src/backplane/keys';
import { Membership } from '../../src/backplane/membership';
import { encodeFacts, FOREIGN_FACTS, type NodeFacts } from '../../src/backplane/node-facts';
import { defaultTiming } from '../../src/backplane/timing';
import { scripted } from '../helpers/observed-room';
import { settled } from '../helpers/reading-node';

const keys = new Keys('p');
const facts = (startedAt: number): NodeFacts => ({
  ...{ startedAt, machine: 'm', rooms: 1, streams: 2, version: '1', synced: true, addresses: '' },
  formats: { oldest: 1, newest: 3 },
});

describe('a heartbeat', () => {
  test('says what this node is, and hears who else lives', async () => {
    const { connection, asked } = scripted(() => [
      ...[1, ['x', 'self', 'y', 'z']],
      ['x', encodeFacts(facts(5)), 'y', 'of the future', 'z'],
    ]);
    const { wasThere, living } = await beat(connection, keys.nodes(), 'self', facts(1), 9);
    expect(wasThere).toBe(true);
    expect([...living]).toEqual([
      ['x', facts(5)],
      ['y', FOREIGN_FACTS],
      ['z', undefined],
    ]);
    expect(asked).toEqual([['p:{nodes}:z', 'p:{nodes}:i', 'self', '9', encodeFacts(facts(1))]]);
  });

  test.each([[null], ['x'], [[0, ['x']]], [[0, 'x', []]], [[0, ['x'], [1]]], [[0, [1, 'x'], []]]])(
    'that is answered with %j is an error',
    async (reply) => {
      const { connection } = scripted(() => reply);
      const done = beat(connection, keys.nodes(), 'self', facts(1), 9);
      await expect(done).rejects.toThrow('Redis answers the heartbeat with something else');
    },
  );

  test('follows the last one until the link is lost; who lives is told with each', async () => {
    let reply: unknown = [0, ['x', 'y'], ['x', encodeFacts(facts(1)), 'y', encodeFacts(facts(9))]];
    let fails = false;
    const { connection, clock, asked } = scripted(() => {
      if (fails) throw new Error('gone');
      return reply;
    });
    const told: string[] = [];
    const membership = new Membership({
      ...{ self: 'self', keys: () => keys.nodes(), clock, timing: defaultTiming, facts: () => facts(5) },
      onDead: (node) => told.push(`${node} is dead`),
      onForgotten: () => told.push('forgotten'),
      onBeat: () => told.push('beat'),
    });
    await membership.start(connection);
    membership.linkLive();
    expect(told.splice(0)).toEqual(['forgotten', 'beat']);
    expect(membership.liveness.dataLostAt).toBe(0);
    reply = [1, ['y'], []];
    clock.advance(defaultTiming.refresh);
    await settled();
    const shown = membership.nodes().map(({ id, self, state }) => `${id} ${self} ${state}`);
    expect(shown).toEqual(['x false silent', 'self true live', 'y false live']);
    expect(told.splice(0)).toEqual(['beat']);
    membership.linkLost();
    clock.advance(20_000);
    await settled();
    expect([told, clock.waiting]).toEqual([[], 0]);
    await membership.start(connection);
    membership.linkLive();
    clock.advance(defaultTiming.refresh);
    membership.stop();
    await settled();
    expect(clock.waiting).toBe(0);
    await membership.start(connection);
    fails = true;
    clock.advance(defaultTiming.refresh);
    await settled();
    expect(asked.at(-1)).toBe('gone');
  });

  test('is the last one when the node has left: it would make it live again', async () => {
    const { connection, clock, asked } = scripted(() => [1, ['self'], []]);
    const membership = new Membership({
      ...{ self: 'self', keys: () => keys.nodes(), clock, timing: defaultTiming, facts: () => facts(5) },
      ...{ onDead: () => {}, onForgotten: () => {}, onBeat: () => {} },
    });
    await membership.start(connection);
    await membership.leave(connection, 5_000);
    const last = asked.at(-1);
    expect(last).toEqual([
      'p:{nodes}:z',
      'p:{nodes}:i',
      'self',
      '5000',
      encodeFacts({ ...facts(5), grace: 5_000 }),
    ]);
    await membership.beat(connection);
    expect(asked.at(-1)).toBe(last);
  });
});
