/** The documents as plain text, with their index in `llms.txt` (llmstxt.org): for whoever has the host and not its source. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { App, RequestContext } from './parts';

/** Also right under ts-node, where this file is in src/. */
const ROOT = join(__dirname, '..', '..');

/** By the folder that they are in. */
const ROUTES: Readonly<Record<string, string>> = {
  '': '/:page{(?:llms\\.txt|(?:README|SECURITY|CHANGELOG)\\.md)}',
  docs: '/docs/:page{[\\w-]+\\.(?:md|ya?ml|json)}',
};

const HEADERS = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-cache' };

export function addDocuments(app: App): void {
  for (const [folder, route] of Object.entries(ROUTES)) app.get(route, documentHandler(join(ROOT, folder)));
}

/** Reads it anew each time: few ask, and nobody twice. */
function documentHandler(folder: string): (context: RequestContext) => Promise<Response> {
  return async (context) => {
    const text = await readFile(join(folder, context.req.param('page') ?? '')).catch(() => undefined);
    return text === undefined ? context.notFound() : context.body(new Uint8Array(text), 200, HEADERS);
  };
}
