/**
 * Loaded into the server before it starts (`node --expose-gc -r`): keeps the longest time that its event loop
 * did not come round, and collects garbage on request, so that what is left is what is held.
 */
'use strict';

/** Milliseconds between two looks. */
const INTERVAL = 5;

let longest = { stalled: 0, working: 0 };
let lookedAt = performance.now();
let usage = process.cpuUsage();

setInterval(look, INTERVAL).unref();

/** A stall in which the process had no CPU is the machine's and not the server's, so both are told. */
function look() {
  const now = performance.now();
  const stalled = now - lookedAt - INTERVAL;
  if (stalled > longest.stalled) {
    const { user, system } = process.cpuUsage(usage);
    longest = { stalled, working: Math.min((user + system) / 1000, stalled) };
  }
  lookedAt = now;
  usage = process.cpuUsage();
}

process.on('message', (task) => {
  if (task === 'collect') {
    globalThis.gc();
    globalThis.gc();
    lookedAt = performance.now();
  }
  process.send(longest);
});
process.channel.unref();
