/** The scenarios in small, against the compiled host: that they measure, not what comes out. */
import { join } from 'node:path';
import type { Contestant } from '../../bench/contestants';
import { bare } from '../../bench/load/dialect';
import { playCase } from '../../bench/runner';
import type { Case } from '../../bench/scenario';
import { changesIn } from '../../bench/scenarios/changes';
import { loudRooms } from '../../bench/scenarios/loud-rooms';
import { quietSockets } from '../../bench/scenarios/quiet';
import { quietJoinOf } from '../../bench/scenarios/quiet-join';
import { slowPeerOf, stormOf } from '../../bench/scenarios/tls';
import { joinsTold } from '../../bench/scenarios/webhooks';
import { describeOnDemand, describeWith } from '../helpers/programs';

const host: Contestant = {
  name: 'host',
  script: join(__dirname, '..', '..', 'dist', 'main.js'),
  env: {},
  dialect: bare,
};

/** One round: a figure for each measure, and nothing that failed. */
async function expectFigures(game: Case): Promise<void> {
  const failures: string[] = [];
  const progress = {
    playing() {},
    played() {},
    remark: (text: string) => text.includes(' failed ') && failures.push(text),
  };
  const { samples } = await playCase({ ...game, contestants: [host], rounds: 1 }, 0, progress);
  expect(failures).toEqual([]);
  expect(samples.host).toEqual([
    Object.fromEntries(game.measures.map(({ key }) => [key, expect.any(Number)])),
  ]);
}

describeOnDemand('test:bench', 'the scenarios', () => {
  test('loud rooms', async () => {
    const times = { before: 0.5, settle: 0.2, during: 1, rounds: 1 };
    const size = { rooms: 2, size: 8, interval: 100 };
    await expectFigures(loudRooms({ ...times, ...size, key: 'stall', scenario: 'stall', title: 'small' }));
  });

  test('a join into a quiet room', () => expectFigures(quietJoinOf(5, 2, 1)));

  test('a change in a quiet room', () => expectFigures(changesIn(5, 2, 1)));

  test('quiet sockets', async () => {
    const times = { settle: 0.1, seconds: 0.2, joining: 0.5, rounds: 1 };
    const small = { key: 'quiet', scenario: 'quiet-5000', sockets: 50, tls: false } as const;
    await expectFigures(quietSockets({ ...times, ...small }));
  });

  test('webhooks', () => expectFigures(joinsTold({ warmUp: 1, before: 0.1, seconds: 0.3, rounds: 1 }, true)));

  describeWith('openssl', 'over TLS', () => {
    test('a storm', () => expectFigures(stormOf(10, 1)));

    test('one who never reads', () => expectFigures(slowPeerOf(5, 4, 1)));

    test('quiet sockets', async () => {
      const times = { settle: 0.1, seconds: 0.2, joining: 0.5, rounds: 1 };
      const small = { key: 'quiet', scenario: 'many-sockets', sockets: 50, tls: true } as const;
      await expectFigures(quietSockets({ ...times, ...small }));
    });
  });
});
