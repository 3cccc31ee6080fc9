// A UDP program on Node's dgram: it counts what each client has sent and answers with that.
'use strict';
const socket = require('node:dgram').createSocket('udp4');
const counts = new Map();

// Answers `number` with `number pid count`.
socket.on('message', (data, peer) => {
    const key = `${peer.address}:${peer.port}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    socket.send(`${data} ${process.pid} ${count}`, peer.port, peer.address);
});
process.on('SIGTERM', () => process.exit(0));
socket.bind(Number(process.argv[2]), '127.0.0.1');
