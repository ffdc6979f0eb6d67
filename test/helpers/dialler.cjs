/** Dials in the network namespace that it runs in, and hands the connections to its parent, which is in another. */
'use strict';

const { connect } = require('node:net');

process.on('message', ({ id, ...where }) => {
  const socket = connect(where);
  // What comes is for the parent to read.
  socket.pause();
  socket.once('error', ({ message }) => process.send({ id, error: message }));
  socket.once('connect', () => process.send({ id }, socket));
});
process.on('disconnect', () => process.exit());
process.send({ id: 0 });
