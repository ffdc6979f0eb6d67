/**
 * `llms.txt` is the index of the documents (llmstxt.org), made from the one in docs/README.md, and the host serves both.
 * `UPDATE_DOCS=true npx jest test/docs` writes it anew.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { startHost } from '../helpers/host';
import { ask, askRaw } from '../helpers/http';

const ROOT = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const flat = (text = '') => text.replaceAll('\n', ' ').trim();
/** Links within the repository, without their anchors. */
const links = (text: string) =>
  [...text.matchAll(/\[([^\]]+)\]\((?![a-z]+:)([^)#]+)[^)]*\)/g)].map(([, name = '', to = '']) => ({
    name,
    to,
  }));

/** Each page of a section with the questions that it answers. */
function section(text: string): string[] {
  const questions = new Map<string, { name: string; asked: string[] }>();
  for (const [, question = '', answers = ''] of text.matchAll(/^\| (.*?) \| (.*) \|$/gm)) {
    for (const { name, to } of links(answers)) {
      const page = posix.normalize(`docs/${to}`);
      const known = questions.get(page) ?? { name, asked: [] };
      questions.set(page, { name, asked: [...known.asked, question] });
    }
  }
  return Array.from(questions, ([page, { name, asked }]) => `- [${name}](${page}): ${asked.join(' ')}`);
}

function index(): string {
  const [heading = '', about] = read('README.md')
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .split('\n\n');
  const [, ...halves] = read('docs/README.md').split(/^\*\*(.*)\*\*$/m);
  const parts = halves.map((half, place) => (place % 2 === 0 ? `## ${half}` : section(half).join('\n')));
  return [heading, `> ${flat(about)}`, ...parts, '## Optional', '- [Changelog](CHANGELOG.md)\n'].join('\n\n');
}

test('llms.txt has each document with the questions that it answers', () => {
  const path = join(ROOT, 'llms.txt');
  if (process.env.UPDATE_DOCS === 'true') writeFileSync(path, index());
  expect(read('llms.txt')).toBe(index());
  const named = links(read('llms.txt')).map(({ to }) => to);
  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => /\.md$/.test(name) && name !== 'README.md');
  expect(pages.filter((name) => !named.includes(`docs/${name}`))).toEqual([]);
});

test('a host serves its documents as plain text, each of which leads to the others', async () => {
  const { port } = await startHost();
  const start = await ask(port, '/llms.txt', { headers: {} });
  expect(start.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(start.body).toBe(read('llms.txt'));
  for (const { to } of [...links(start.body), { to: 'docs/README.md' }]) {
    const { status, headers, body } = await ask(port, `/${to}`, { headers: {} });
    expect([to, status, headers.get('content-type')]).toEqual([to, 200, 'text/plain; charset=utf-8']);
    expect(body).toBe(read(to));
  }
});

test.each([
  '/package.json',
  '/docs/../package.json',
  '/docs/%2e%2e%2fpackage.json',
  '/docs/nothing.md',
  '/docs/images/x.md',
])('and nothing else: %s', async (path) => {
  const { port } = await startHost();
  expect(await askRaw(port, path)).toMatchObject({ status: 404 });
});
