/** What openssl makes at random is never refused. Takes seconds, so `npm run mutants` leaves it out. */
import { isGuessable } from '../../src/settings/guessable';
import { SeededRandom } from '../helpers/random';

/** Bytes as `openssl rand` would make them. */
const random = new SeededRandom(12);
const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => random.below(256)));

test.each([
  ['-hex 16', () => bytes(16).toString('hex')],
  ['-base64 16', () => bytes(16).toString('base64')],
  ['-base64 32', () => bytes(32).toString('base64')],
])('any of 2,000 that openssl rand %s would make', (_arguments, make) => {
  const refused = Array.from({ length: 2_000 }, make).filter(isGuessable);
  expect(refused).toEqual([]);
});
