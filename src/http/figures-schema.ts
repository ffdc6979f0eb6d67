/** The figures that the dashboard gets each second: of the node that is asked, and the totals of all. */
import { about, count, flag, list, named, number, object, oneOf, text, time } from './schema';
import { totalsSchema } from './schemas';

export const sampleSchema = named(
  'Sample',
  object({
    time: time('Unique per sample'),
    rooms: count(),
    streams: count(),
    members: count(),
    observers: count('Those of them that only observe'),
    behind: count('Members that have not read the previous roster yet'),
    joins: count(),
    leaves: count(),
    refusals: count(),
    refused: list(object({ name: text(), times: count() }), 'The refusals by name'),
    rosters: count('Sent, or what has changed in them, counted per receiver'),
    shared: count('Changes that shared a roster with an earlier one'),
    loopDelay: number('The longest delay of the event loop, in ms'),
    rss: count('Memory of the process, in bytes'),
    heap: count('Memory of it in use by objects, in bytes'),
  }),
);

export const refusalSchema = named(
  'Refusal',
  object(
    {
      id: count('Counts up from 1'),
      time: time(),
      name: text(),
      code: count(),
      reason: text(),
      address: text(),
    },
    { room: text(), streamName: text() },
  ),
);

const degradationSchema = named(
  'Degradation',
  object({ part: text('Such as `backplane`'), since: time(), reason: text('For the operator') }),
);

const nodeStatusSchema = named(
  'NodeStatus',
  object({
    id: text(),
    machine: text("The machine's name"),
    self: flag('Whether it is the node that is asked'),
    state: oneOf(['live', 'silent']),
    startedAt: time("By the node's own clock"),
    rooms: count(),
    streams: count(),
    version: text(),
  }),
);

export const healthSchema = named(
  'Health',
  object({
    status: oneOf(['ok', 'degraded']),
    degradations: list(degradationSchema),
    backplane: object({
      state: oneOf(['alone', 'connecting', 'live', 'degraded', 'stopped']),
      since: time(),
      nodes: list(nodeStatusSchema),
    }),
  }),
);

export const webhookStatusSchema = named(
  'WebhookStatus',
  object(
    {
      state: oneOf(
        ['ready', 'away'],
        '`away`: it has failed several times in a row, and what is to be told waits',
      ),
      since: time(),
      rooms: count('Rooms of which something is to be told'),
      notices: count('Refusals and removals that are to be told'),
      oldest: count('Milliseconds for which the oldest of all these waits'),
      counts: object({
        delivered: count(),
        failed: count('Attempts without a 2xx'),
        dropped: count('Refusals and removals that were never told'),
      }),
    },
    { problem: text('Why the last message has failed; to the admin token only') },
  ),
);

export const webhookTestSchema = named(
  'WebhookTest',
  object(
    { delivered: flag('Whether the application has answered with a 2xx'), milliseconds: count() },
    { problem: text('Why not') },
  ),
);

export const figuresSchema = named(
  'Figures',
  object(
    {
      access: oneOf(['everything', 'reading'], 'What the token opens'),
      version: text(),
      node: text('The name of the machine'),
      startedAt: time('A different one means a different process'),
      ready: flag('Whether it admits new members'),
      health: healthSchema,
      samples: list(
        sampleSchema,
        'Since the previous event; in the first, the last 15 minutes. Of this node',
      ),
      refusals: list(refusalSchema, 'Since the previous event; in the first, the latest 100. Of this node'),
      cluster: about(totalsSchema, 'Of all nodes'),
    },
    {
      grafanaUrl: text('Where older figures are'),
      webhooks: about(webhookStatusSchema, 'How this node tells your application, where it does'),
    },
  ),
);
