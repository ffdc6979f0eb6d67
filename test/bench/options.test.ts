import { readOptions } from '../../bench/options';

describe('the scenarios of a run', () => {
  test('are all of them', () => {
    expect(readOptions([]).only).toContain('cluster');
  });

  test('leave out the cluster where it must be quick', () => {
    const { only } = readOptions(['--quick']);
    expect(only).toContain('storm');
    expect(only).not.toContain('cluster');
  });

  test('are those that are named, however quick', () => {
    expect(readOptions(['--quick', '--only', 'cluster,storm']).only).toEqual(['cluster', 'storm']);
  });
});
