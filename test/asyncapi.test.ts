/** docs/asyncapi.yaml says what the host does: each frame that it sends or takes here is one of the document's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { load } from 'js-yaml';
import { MAX_METADATA_KEYS } from '../src/conference/metadata';
import { BEAT_INTERVAL } from '../src/sockets/beats';
import { version } from '../src/version';
import { AskingClient } from './helpers/asking-client';
import { joinTarget, startHost, type TestHost } from './helpers/host';
import { ADMIN_TOKEN } from './helpers/http';
import { hsToken, SECRET } from './helpers/tokens';

interface Message {
  readonly payload: object;
  readonly examples: readonly { readonly payload: object }[];
}

interface Operation {
  readonly messages: readonly { readonly $ref: string }[];
}

interface Document {
  readonly asyncapi: string;
  readonly info: { readonly version: string };
  readonly channels: { readonly room: { readonly messages: Record<string, object> } };
  readonly operations: Record<'send' | 'receive' | 'sendToPlainClient', Operation>;
  readonly components: {
    readonly messages: Record<string, Message>;
    readonly schemas: Record<string, Record<string, unknown>>;
  };
}

const document = load(readFileSync(join(__dirname, '..', 'docs', 'asyncapi.yaml'), 'utf8')) as Document;
const { messages, schemas } = document.components;

/** Clients take keys that they do not know; the host must send none that the document does not know. */
const strict = Object.fromEntries(
  Object.entries(schemas).map(([name, schema]) => [
    name,
    'properties' in schema ? { additionalProperties: false, ...schema } : schema,
  ]),
);
const ajv = new Ajv({ strict: false, schemas: [{ $id: 'doc', components: { schemas: strict } }] });

function checkOf(name: string): ValidateFunction {
  const { $ref = '' } = (messages[name]?.payload ?? {}) as { $ref?: string };
  return ajv.compile({ $ref: `doc${$ref}` });
}

function namesOf(operation: keyof Document['operations']): string[] {
  return document.operations[operation].messages.map(({ $ref }) => $ref.split('/').at(-1) ?? '');
}

/** The document's messages that a frame is. */
function kindsOf(frame: string, operation: keyof Document['operations']): string[] {
  return namesOf(operation).filter((name) => checkOf(name)(JSON.parse(frame)));
}

const ask = ({ port }: TestHost, target: string, protocols?: string[]) =>
  new AskingClient(`ws://127.0.0.1:${port}${target}`, protocols);

test('every frame of a host is exactly one of the document, and each of those is sent', async () => {
  const host = await startHost({ jwtSecret: SECRET, jwtExpired: 'close', adminToken: ADMIN_TOKEN });
  const frames: string[] = [];
  const plainFrames: string[] = [];
  const token = hsToken({});
  const listen = (name: string, more = '') => {
    const client = ask(host, `${joinTarget('room', name)}${more}`, ['conference.2', token]);
    client.ws.on('message', (data) => frames.push(data.toString()));
    return client;
  };
  const anna = listen('anna', '&tell=metadata&metadata=%7B%22name%22:%22Anna%22%7D');
  await anna.frame();
  const ben = listen('ben', '&metadata=%5B%5D');
  await ben.frameOf('refused');
  const plain = host.open(joinTarget('room', 'plain'), ['conference', token]);
  plain.ws.on('message', (data) => plainFrames.push(data.toString()));
  await anna.untilListed('anna', 'ben', 'plain');
  for (const name of namesOf('receive')) {
    for (const { payload } of messages[name]?.examples ?? []) ben.ask(payload);
  }
  await ben.frameOf('roster');
  while ((await anna.frame()).metadata?.ben === undefined);
  ben.ask({ type: 'metadata', metadata: {} });
  while ((await anna.frame()).metadata?.ben !== null);
  await fetch(`http://127.0.0.1:${host.port}/api/rooms/room/message`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    body: '{"message":{"text":"hello"}}',
  });
  await anna.frameOf('message');
  await ben.leave();
  await anna.untilListed('anna', 'plain');
  await Promise.all([host.host.close(), anna.closed, plain.closed]);
  for (const frame of frames) expect([frame, kindsOf(frame, 'send')]).toEqual([frame, [expect.any(String)]]);
  expect(new Set(frames.flatMap((frame) => kindsOf(frame, 'send')))).toEqual(new Set(namesOf('send')));
  expect(frames[0]).toContain('"expires":');
  expect(plainFrames.length).toBeGreaterThan(0);
  for (const frame of plainFrames) expect(kindsOf(frame, 'sendToPlainClient')).toEqual(['plainRoster']);
});

test('the host takes what the document says that clients may say', async () => {
  const host = await startHost();
  const done: string[] = [];
  host.host.events.on('requested', (type, outcome) => done.push(`${type} ${outcome}`));
  const anna = ask(host, joinTarget('room', 'anna'));
  await anna.frame();
  const examples = namesOf('receive').flatMap((name) => messages[name]?.examples ?? []);
  for (const { payload } of examples) anna.ask(payload);
  anna.ask({ type: 'beat' });
  await anna.frameOf('beat');
  await anna.frameOf('beat');
  expect(done.slice(0, 3).sort()).toEqual(['beat done', 'metadata done', 'roster done']);
});

test.each(Object.keys(messages))('the examples of %s are such messages', (name) => {
  const { examples = [] } = messages[name] ?? {};
  expect(examples.length).toBeGreaterThan(0);
  for (const { payload } of examples) expect(checkOf(name)(payload)).toBe(true);
});

test('its numbers are those of the code', () => {
  expect(document.asyncapi).toBe('3.0.0');
  expect(document.info.version).toBe(version);
  expect(schemas.Metadata).toMatchObject({ maxProperties: MAX_METADATA_KEYS });
  expect(schemas.Roster).toMatchObject({ properties: { beat: { const: BEAT_INTERVAL } } });
  expect(Object.keys(document.channels.room.messages)).toEqual(Object.keys(messages));
});
