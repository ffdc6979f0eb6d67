/**
 * The documents say what the code does: their tables are made from the code's own.
 * `UPDATE_DOCS=true npx jest test/docs` writes them anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Refusal, refusals } from '../src/door/refusals';
import { defaultOf, flagOf, type Setting, settingsTable } from '../src/settings/table';

function settingsRows(): string[] {
  const rows = Object.values<Setting<unknown>>(settingsTable).map(
    (setting) =>
      `| \`${setting.variable}\` | \`${flagOf(setting)}\` | ${defaultOf(setting)} | ${setting.meaning} |`,
  );
  return ['| variable | flag | default | meaning |', '| --- | --- | --- | --- |', ...rows];
}

function refusalRows(): string[] {
  const how = { close: 'accepted, then closed', http: 'before the upgrade' } as const;
  const rows = Object.values<Refusal>(refusals).map(
    (refusal) =>
      `| ${how[refusal.how]} | ${refusal.code} | \`${refusal.name}\` | ${refusal.reason} | ${refusal.comeBack} |`,
  );
  return ['| how | code | name | reason | come back? |', '| --- | --- | --- | --- | --- |', ...rows];
}

test.each([
  ['README.md', 'settings', settingsRows],
  ['README.md', 'refusals', refusalRows],
  ['docs/protocol.md', 'refusals', refusalRows],
])('%s has the table of %s as the code has it', (file, name, rows) => {
  const path = join(__dirname, '..', file);
  const between = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- end -->)`);
  const text = readFileSync(path, 'utf8');
  const expected = text.replace(between, (_, start, end) => `${start}\n${rows().join('\n')}\n${end}`);
  if (process.env.UPDATE_DOCS === 'true') writeFileSync(path, expected);
  expect(text).toMatch(between);
  expect(readFileSync(path, 'utf8')).toBe(expected);
});
