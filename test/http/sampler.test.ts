import { EventEmitter } from 'node:events';
import { Rooms } from '../../src/conference/rooms';
import type { ConferenceEvents } from '../../src/events';
import { Sampler } from '../../src/http/sampler';

describe('the sampler', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function startSampler() {
    const events = new EventEmitter<ConferenceEvents>();
    return { events, sampler: new Sampler(events, new Rooms()) };
  }

  test('keeps one sample per second for 15 minutes, each with a unique time', () => {
    const { sampler } = startSampler();
    jest.advanceTimersByTime(1_000_000);
    expect(sampler.samples).toHaveLength(900);
    expect(new Set(sampler.samples.map(({ time }) => time)).size).toBe(900);
    sampler.close();
    jest.advanceTimersByTime(10_000);
    expect(sampler.samples).toHaveLength(900);
  });

  test('gives each sample what happened since the previous one', () => {
    const { events, sampler } = startSampler();
    events.emit('told', { receivers: 3, bytes: 10, duration: 1 });
    events.emit('told', { receivers: 4, bytes: 10, duration: 1 });
    events.emit('shared');
    const refused = { code: 4429, reason: 'why', address: 'a' };
    events.emit('refused', { name: 'room_full', ...refused });
    events.emit('refused', { name: 'node_full', ...refused });
    events.emit('refused', { name: 'room_full', ...refused });
    jest.advanceTimersByTime(2_000);
    const [, first, second] = sampler.samples;
    const byName = [
      { name: 'room_full', times: 2 },
      { name: 'node_full', times: 1 },
    ];
    expect(first).toMatchObject({ rosters: 7, shared: 1, refusals: 3, refused: byName });
    expect(second).toMatchObject({ rosters: 0, shared: 0, refusals: 0, refused: [] });
    sampler.close();
  });

  test('keeps the latest 100 refusals', () => {
    const { events, sampler } = startSampler();
    for (let count = 0; count < 150; count++) {
      events.emit('refused', { name: 'bad_request', code: 4400, reason: 'why', address: 'a' });
    }
    expect(sampler.refusals.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, at) => at + 51));
    sampler.close();
  });
});
