import { readOptions } from '../../bench/options';

describe('the scenarios of a run', () => {
  test('are all of them', () => {
    expect(readOptions([]).only).toContain('cluster');
  });

  test('leave out the long ones where it must be quick', () => {
    const { only } = readOptions(['--quick']);
    expect(only).toContain('storm');
    for (const long of ['stall', 'many-rooms', 'quiet-5000', 'many-sockets', 'webhooks', 'cluster']) {
      expect(only).not.toContain(long);
    }
  });

  test('are those that are named, however quick', () => {
    expect(readOptions(['--quick', '--only', 'cluster,storm']).only).toEqual(['cluster', 'storm']);
  });
});

test('figures for the page are those of a whole run', () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('the process ends');
  });
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(() => readOptions(['--docs', '--only', 'storm'])).toThrow('the process ends');
  expect(write.mock.calls.join()).toContain("'--docs' cannot be used with option '--only");
  exit.mockRestore();
  write.mockRestore();
});
