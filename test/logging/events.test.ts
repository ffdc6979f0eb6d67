import type { ConferenceEvents } from '../../src/events';
import { IsolatedEmitter } from '../../src/isolated-emitter';
import { logEvents } from '../../src/logging/events';
import { TestLog } from '../helpers/log';
import { ManualClock } from '../helpers/manual-clock';

function setUp() {
  const clock = new ManualClock();
  const log = new TestLog();
  const events = new IsolatedEmitter<ConferenceEvents>((error) => {
    throw error;
  });
  const end = logEvents(events, log.logger, clock);
  const visit = (address: string, id: number) => {
    const facts = { id, room: 'room', streamName: 'anna', address, since: 0 };
    events.emit('joined', facts, 1);
    events.emit('left', facts, { code: 1000, reason: '' });
  };
  const lines = () =>
    log.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { clock, events, visit, lines, end };
}

describe('joins and leaves', () => {
  test('are each logged, even those of an office behind one private address', () => {
    const { visit, lines } = setUp();
    for (let id = 1; id <= 100; id++) visit('10.0.0.1', id);
    expect(lines()).toHaveLength(200);
  });

  test('of one public address are logged up to 50 a second, and the rest is summarised', () => {
    const { clock, visit, lines, end } = setUp();
    for (let id = 1; id <= 500; id++) visit('203.0.113.1', id);
    visit('203.0.113.2', 501);
    const written = lines().length;
    expect(written).toBeLessThanOrEqual(50 + 2 * 5 + 2);
    expect(lines().at(-1)).toMatchObject({ member: 501, msg: 'left' });
    clock.advance(1_000);
    visit('203.0.113.1', 502);
    expect(lines()).toHaveLength(written + 2);
    end();
    const sums = lines().filter(({ more }) => more !== undefined);
    expect(sums.map(({ msg }) => msg)).toEqual(['joined, and more like it', 'left, and more like it']);
    expect(sums.reduce((sum, { more }) => sum + more, 0) + written).toBe(2 * 501);
  });
});

test('an authority that fails for some and answers others does not fill the log', () => {
  const { events, lines } = setUp();
  for (let join = 0; join < 100; join++) {
    events.emit('authority', { name: 'auth backend', problem: join % 2 === 0 ? 'HTTP 500' : undefined });
  }
  expect(lines().length).toBeLessThanOrEqual(10);
});
