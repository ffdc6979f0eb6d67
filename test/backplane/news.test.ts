/** News between nodes: on which channel, and what is heard of it. The real ones go over Redis elsewhere. */
import type { Connection, OnMessage } from '../../src/backplane/connection';
import { redisNews } from '../../src/backplane/redis-news';
import { systemClock } from '../../src/clock';
import { silentLogger } from '../../src/logging/events';

/** News over a connection that does nothing. @returns the channel, and what tells them a message */
async function follow(redisUrl: string) {
  let hear: OnMessage = () => {};
  const heard: string[] = [];
  const channel = await new Promise<string>((resolve) => {
    const connection: Connection = {
      lost: new Promise(() => {}),
      destroy: () => {},
      subscribe: async ([name = '']) => resolve(name),
      unsubscribe: async () => {},
      readHash: async () => ({}),
      run: async () => undefined,
      evictionPolicy: async () => undefined,
    };
    const wrap = () => async (onMessage: OnMessage) => {
      hear = onMessage;
      return connection;
    };
    const news = redisNews({ redisUrl, redisPrefix: 'p', wrap }, systemClock, silentLogger);
    news.onNews((text) => heard.push(text));
  });
  return { channel, heard, hear: (text: string) => hear(channel, text) };
}

test.each([
  ['redis://h', 'p:{news}:c'],
  ['redis://h/', 'p:{news}:c'],
  ['redis://h/0', 'p:{news}:c'],
  ['redis://h/3', 'p:{news}:c3'],
  ['redis://h/03', 'p:{news}:c3'],
])('%s has its news on %s, however the database is written', async (url, channel) => {
  expect((await follow(url)).channel).toBe(channel);
});

test('what is longer than any node tells is not heard', async () => {
  const { hear, heard } = await follow('redis://h');
  const other = `${'n'.repeat(12)} `;
  hear(`${other}${'x'.repeat((1 << 20) + 1)}`);
  hear(`${other}hello`);
  expect(heard).toEqual(['hello']);
});
