import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestant, ContestantName } from '../../bench/contestants';
import { bare } from '../../bench/load/dialect';
import { playCase } from '../../bench/runner';
import type { Case } from '../../bench/scenario';
import { temporaryFolder } from '../helpers/certificates';

const LISTENS = "require('node:net').createServer().listen(process.env.PORT);";
const ENDS = 'process.exit(3);';

const folder = temporaryFolder();

function contestant(name: ContestantName, program = LISTENS): Contestant {
  const script = join(folder, `${name}.js`);
  writeFileSync(script, program);
  return { name, script, env: {}, dialect: bare };
}

function gameOf(contestants: readonly Contestant[], rounds: number): Case {
  return {
    key: 'start',
    scenario: 'start',
    title: 'a start',
    measures: [],
    contestants,
    rounds,
    play: async () => ({ played: 1 }),
  };
}

/** Plays a case, the run's first unless said otherwise: who played when, what came out, and what was remarked. */
async function play(game: Case, index = 0) {
  const order: string[] = [];
  const remarks: string[] = [];
  const { samples } = await playCase(game, index, {
    playing: (_, { name }) => order.push(name),
    played() {},
    remark: (text) => remarks.push(text),
  });
  return { order, remarks, samples };
}

test('each round, and each case, begins with another contestant', async () => {
  const three = [contestant('host'), contestant('plain-ws'), contestant('socket.io')];
  const { order } = await play(gameOf(three, 3));
  expect(order).toEqual([
    ...['plain-ws', 'socket.io', 'host'],
    ...['socket.io', 'host', 'plain-ws'],
    ...['host', 'plain-ws', 'socket.io'],
  ]);
  expect((await play(gameOf(three, 1), 1)).order).toEqual(['socket.io', 'host', 'plain-ws']);
});

test('a round whose server ends is remarked on, and the others go on', async () => {
  const { remarks, samples } = await play(gameOf([contestant('host', ENDS), contestant('plain-ws')], 1));
  expect(remarks).toEqual(['a start: host failed in round 1: host did not start: exit code 3']);
  expect(samples).toEqual({ host: [{}], 'plain-ws': [{ played: 1 }] });
});
