import { setImmediate as nextTurn } from 'node:timers/promises';
import { redisQuestions } from '../../src/backplane/redis-questions';
import { systemClock } from '../../src/clock';
import type { Questions } from '../../src/conference/questions';
import { silentLogger } from '../../src/logging/events';
import { describeWithEachRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';

describeWithEachRedis('questions between nodes', (program) => {
  let redis: RedisServer;
  let run = 0;
  const started: Questions[] = [];
  const SOON = 10_000;

  beforeAll(async () => {
    redis = await RedisServer.start(program);
  });

  afterAll(() => redis.stop());

  beforeEach(() => {
    run++;
  });

  afterEach(() => {
    for (const questions of started.splice(0)) questions.stop();
  });

  const channels = () => `run-${run}:{questions}:c0`;

  function node(
    name: string,
    answer: (question: string) => string | undefined = (question) => `${name}: ${question}`,
    redisUrl = redis.url,
  ) {
    const settings = { redisUrl, redisPrefix: `run-${run}` };
    const questions = redisQuestions(settings, name, systemClock, silentLogger);
    questions.onQuestion(answer);
    void questions.start();
    started.push(questions);
    return questions;
  }

  /** Asks until all of them are connected and answer. */
  async function until(asker: Questions, names: string[]): Promise<void> {
    while ((await asker.ask(names, 'are you there?', 50)).size < names.length) await nextTurn();
  }

  test('each that is asked answers, and nobody else', async () => {
    const a = node('a');
    node('b');
    node('c-_9');
    await until(a, ['b', 'c-_9']);
    expect(await a.ask(['b', 'c-_9'], 'how are you? {"x": 1}', SOON)).toEqual(
      new Map([
        ['b', 'b: how are you? {"x": 1}'],
        ['c-_9', 'c-_9: how are you? {"x": 1}'],
      ]),
    );
    expect([...(await a.ask(['c-_9'], 'and you?', SOON)).keys()]).toEqual(['c-_9']);
  });

  test('who has not answered when the asking ends is left out, and who has nothing to say', async () => {
    const a = node('a');
    node('b');
    node('c', (question) => (question === 'are you there?' ? 'yes' : undefined));
    await until(a, ['b', 'c']);
    const asked = a.ask(['b', 'c', 'gone'], 'x', SOON);
    await until(a, ['b', 'c']);
    a.stop();
    expect([...(await asked).keys()]).toEqual(['b']);
  });

  test('before there is a link to Redis nobody is waited for', async () => {
    const a = node('a');
    expect(await a.ask(['b'], 'x', SOON)).toEqual(new Map());
  });

  test('over several Redis each question is answered once, and any one of them will do', async () => {
    const other = await RedisServer.start(program);
    try {
      const urls = [redis.url, other.url].join(',');
      let heard = 0;
      const answer = (question: string) => {
        if (question !== 'are you there?') heard++;
        return 'yes';
      };
      const a = node('a', answer, urls);
      node('b', answer, urls);
      await until(a, ['b']);
      expect(await a.ask(['b'], 'once?', SOON)).toEqual(new Map([['b', 'yes']]));
      await other.kill();
      expect(await a.ask(['b'], 'still?', SOON)).toEqual(new Map([['b', 'yes']]));
      expect(heard).toBe(2);
    } finally {
      await other.stop();
    }
  });

  test('what is no question and no answer does no harm', async () => {
    const asked: string[] = [];
    const a = node('a');
    node('b', (question) => {
      asked.push(question);
      return 'yes';
    });
    await until(a, ['b']);
    asked.length = 0;
    const junk = [
      '',
      ' ',
      'x',
      'a 1 b',
      'a b c d',
      `a ${'9'.repeat(99)} b x`,
      'a 1 a,c x',
      `x 1 b ${'y'.repeat(70_000)}`,
    ];
    for (const text of junk) await redis.command('SPUBLISH', `${channels()}:q`, text);
    for (const text of [...junk, 'b 999 late', 'stranger 1 x'])
      await redis.command('SPUBLISH', `${channels()}:a.a`, text);
    expect(await a.ask(['b'], 'still there?', SOON)).toEqual(new Map([['b', 'yes']]));
    expect(asked).toEqual(['still there?']);
  });

  test('a flood of questions is not answered whole', async () => {
    const a = node('a');
    let answered = 0;
    node('b', (question) => {
      if (question === 'x') answered++;
      return 'yes';
    });
    await until(a, ['b']);
    const flood = Array.from({ length: 5_000 }, () => a.ask(['b'], 'x', SOON));
    await until(a, ['b']);
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThan(5_000);
    a.stop();
    await Promise.all(flood);
  });
});
