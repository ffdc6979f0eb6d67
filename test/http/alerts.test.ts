/** The alert rules, tried by the program that evaluates them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWith } from '../helpers/programs';

const RULES = join(__dirname, '..', '..', 'docs', 'alerts.yml');
const STORIES = join(__dirname, 'alerts.rules.yml');

describeWith('promtool', 'the alert rules', (promtool) => {
  const run = promisify(execFile);

  test('are rules', async () => {
    const { stdout } = await run(promtool, ['check', 'rules', RULES]);
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
  });

  test('say what is wrong, and nothing else', async () => {
    const { stdout } = await run(promtool, ['test', 'rules', STORIES]);
    expect(stdout).toMatch('SUCCESS');
  });
});
