import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Signer } from '../../src/hooks/signature';
import { SECRET } from '../helpers/application';
import { describeWith } from '../helpers/programs';

const text = readFileSync(join(__dirname, '..', '..', 'docs', 'webhooks.md'), 'utf8');
const code = (language: string) => new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(text)?.[1] ?? '';
const body = '{"type":"webhook.test","data":{"room":"Ω"}}';
const now = Math.floor(Date.now() / 1_000);
const headers = (timestamp = now) => new Signer([SECRET]).headers({ id: 'msg_1', timestamp, body });

/** What is verified, and whether it is ours. */
const CASES: [Record<string, string>, string, boolean][] = [
  [headers(), body, true],
  [{ ...headers(), 'webhook-signature': `v1,AAAA ${headers()['webhook-signature']}` }, body, true],
  [headers(), `${body} `, false],
  [{ ...headers(), 'webhook-id': 'msg_2' }, body, false],
  [headers(now - 600), body, false],
];

test('the example in Node verifies as it stands', () => {
  const verify = new Function('require', `${code('js')}\nreturn verify;`)(require);
  for (const [given, text, isOurs] of CASES) expect(verify(SECRET, given, text)).toBe(isOurs);
});

describeWith('python3', 'the example in Python', (python) => {
  test('verifies as it stands', () => {
    const script = `${code('python')}
import json, sys
print(json.dumps([verify(sys.argv[1], headers, body) for headers, body, _ in json.loads(sys.argv[2])]))`;
    const output = execFileSync(python, ['-c', script, SECRET, JSON.stringify(CASES)]);
    expect(JSON.parse(String(output))).toEqual(CASES.map(([, , isOurs]) => isOurs));
  });
});
