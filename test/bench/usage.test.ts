import { heldUpByGenerator } from '../../bench/usage';

const used = { cpu: 1.2, redisCpu: 0, redisBytes: 0, wall: 1, generatorCpu: 0.95 };

test('the generator was the bottleneck where it was busy, and no node was', () => {
  expect(heldUpByGenerator({ ...used, busiestCpu: 0.4 })).toBe(true);
  expect(heldUpByGenerator({ ...used, busiestCpu: 0.95 })).toBe(false);
  expect(heldUpByGenerator({ ...used, busiestCpu: 0.4, generatorCpu: 0.5 })).toBe(false);
});
