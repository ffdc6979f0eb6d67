/** Refusals and removals that wait to be told. */
import { MOST_NOTICES, type Notice, Notices } from '../../src/hooks/notices';
import type { Failure } from '../../src/hooks/receiver';

const DAY = 86_400_000;
const NOW = 1_764_000_000_000;

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(NOW);
});
afterEach(() => jest.restoreAllMocks());

describe('notices', () => {
  const notice = (id: string, time = NOW): Notice => ({ id, body: '', time });

  function story(...outcomes: Failure[]) {
    const told: string[] = [];
    const notices = new Notices(async ({ id }) => {
      told.push(id);
      return outcomes.shift();
    });
    return { notices, told };
  }

  test('are told one after the other, the oldest first, each until it is taken', async () => {
    const { notices, told } = story(
      { status: 500, why: '' },
      { why: 'unreachable' },
      { status: 410, why: '' },
    );
    notices.add(notice('first'));
    notices.add(notice('second'));
    expect([notices.size, notices.oldest?.id]).toEqual([2, 'first']);
    const turns = [];
    for (let turn = 0; turn < 6; turn++) turns.push(await notices.turn());
    expect(turns).toEqual(['failed', 'failed', 'gone', { rest: 0 }, { rest: 0 }, 'idle']);
    expect(told).toEqual(['first', 'first', 'first', 'first', 'second']);
    expect([notices.size, notices.dropped]).toEqual([0, 0]);
  });

  test('are 1,000 at most: the oldest give way', () => {
    const { notices } = story();
    for (let n = 0; n < MOST_NOTICES; n++) notices.add(notice(`${n}`));
    expect([notices.size, notices.dropped, notices.oldest?.id]).toEqual([1_000, 0, '0']);
    notices.add(notice('last'));
    expect([notices.size, notices.dropped, notices.oldest?.id]).toEqual([1_000, 1, '1']);
    expect(
      notices
        .takeAll()
        .map(({ id }) => id)
        .slice(-2),
    ).toEqual(['999', 'last']);
    expect([notices.size, notices.oldest]).toEqual([0, undefined]);
  });

  test('are told for a day, and then no more', async () => {
    const { notices, told } = story();
    for (const time of [NOW - DAY - 1, NOW - DAY - 1, NOW - DAY])
      notices.add(notice(`${time - NOW + DAY}`, time));
    expect(await notices.turn()).toEqual({ rest: 0 });
    expect([told, notices.dropped]).toEqual([['0'], 2]);
    expect([await notices.turn(), notices.dropped]).toEqual(['idle', 2]);
  });
});
