import { IN_FULL, INTERVAL, LogLimiter } from '../../src/logging/limiter';
import { TestLog } from '../helpers/log';
import { ManualClock } from '../helpers/manual-clock';

function setUp() {
  const clock = new ManualClock();
  const log = new TestLog();
  const limiter = new LogLimiter(clock, log.logger);
  const knock = (times: number, kind = 'foreign_origin', address = '203.0.113.1') => {
    for (let count = 0; count < times; count++) limiter.tell('info', kind, { address, kind }, 'refused');
  };
  const lines = () =>
    log.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { clock, limiter, knock, lines };
}

describe('what strangers cause in the log', () => {
  test('is written in full for the first few, then summarised every ten seconds', () => {
    const { clock, knock, lines } = setUp();
    knock(1_000);
    knock(500, 'foreign_origin', '203.0.113.2');
    expect(lines()).toHaveLength(IN_FULL);
    clock.advance(INTERVAL);
    expect(lines()).toHaveLength(IN_FULL + 1);
    expect(lines().at(-1)).toMatchObject({
      msg: 'refused, and more like it',
      kind: 'foreign_origin',
      more: 1_500 - IN_FULL,
      addresses: 2,
    });
    knock(7);
    clock.advance(INTERVAL);
    expect(lines().at(-1)).toMatchObject({ more: 7, addresses: 1 });
  });

  test('is written in full again after ten quiet seconds', () => {
    const { clock, knock, lines } = setUp();
    knock(IN_FULL + 1);
    clock.advance(2 * INTERVAL);
    expect(clock.waiting).toBe(0);
    knock(1);
    expect(lines()).toHaveLength(IN_FULL + 2);
    expect(lines().at(-1)).toMatchObject({ msg: 'refused' });
  });

  test('of one kind hides nothing of another', () => {
    const { knock, lines } = setUp();
    knock(100);
    knock(1, 'too_fast');
    expect(lines().at(-1)).toMatchObject({ kind: 'too_fast' });
  });

  test('is summarised at the end, and leaves no timer', () => {
    const { clock, limiter, knock, lines } = setUp();
    knock(10);
    limiter.close();
    expect(lines().at(-1)).toMatchObject({ more: 10 - IN_FULL });
    expect(clock.waiting).toBe(0);
  });
});
