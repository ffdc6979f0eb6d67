/**
 * Loaded into the server before it starts (`node --expose-gc -r`): keeps the longest time that its event loop
 * did not come round, and collects garbage on request, so that what is left is what is held.
 */
'use strict';

const { openSync, readSync } = require('node:fs');

/** Milliseconds between two looks. */
const INTERVAL = 5;

/** What Linux knows of the main thread: nanoseconds on a CPU, nanoseconds of waiting for one, turns. */
const schedule = openSync('/proc/self/schedstat');
const text = Buffer.alloc(128);

let longest, startedAt, waitedAtStart, lookedAt, waitedUntil;

/** Forgets what was: starting and collecting garbage are no stalls. */
function start() {
  longest = { stalled: 0, waited: 0 };
  startedAt = lookedAt = performance.now();
  waitedAtStart = waitedUntil = waited();
}

/** A time in which the machine gave the server no CPU is not the server's stall, so it is taken off. */
function look() {
  const [now, nowWaited] = [performance.now(), waited()];
  const gap = now - lookedAt - INTERVAL;
  const stalled = gap - (nowWaited - waitedUntil);
  if (stalled > longest.stalled) longest = { stalled, waited: gap - stalled };
  [lookedAt, waitedUntil] = [now, nowWaited];
}

/** Milliseconds that the main thread was ready to run, but had no CPU. */
function waited() {
  const length = readSync(schedule, text, 0, text.length, 0);
  return Number(text.toString('latin1', 0, length).split(' ')[1]) / 1e6;
}

const tasks = {
  start,
  collect() {
    look();
    globalThis.gc();
    [lookedAt, waitedUntil] = [performance.now(), waited()];
  },
  report: look,
};

process.on('message', (task) => {
  tasks[task]();
  process.send({ ...longest, starved: (waited() - waitedAtStart) / (performance.now() - startedAt) });
});
process.channel.unref();
start();
setInterval(look, INTERVAL).unref();
