import { cpuSeconds, residentBytes } from '../../bench/process-figures';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('what a process has used', () => {
  test('its CPU time grows by what it works', () => {
    const before = cpuSeconds(process.pid);
    const start = process.cpuUsage();
    while (process.cpuUsage(start).user < 50_000);
    expect(cpuSeconds(process.pid) - before).toBeGreaterThan(0.04);
  });

  test('its memory is what node says it is', () => {
    const { now, peak } = residentBytes(process.pid);
    expect(now / process.memoryUsage.rss()).toBeCloseTo(1, 0);
    expect(peak).toBeGreaterThanOrEqual(now);
  });
});
