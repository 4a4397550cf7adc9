// A message centre in npm smpp on a free port: node npm_server.js [--quiet] [--expect N].
// It says {"port"}, and each {"submit"}; a line {"deliver"} on its input goes to the last session. A
// submit that asks for a receipt gets one. Quietly, it only says {"session"} when one ends, and
// {"arrived"} when it has answered N submits: seconds of CLOCK_MONOTONIC.
'use strict';
const { smpp, keepOctets, say, shown, fields, eachLine } = require('./npm_common.js');
const quiet = process.argv.includes('--quiet');
const expected = process.argv.includes('--expect')
  ? Number(process.argv[process.argv.indexOf('--expect') + 1]) : 0;
let last = null;
let arrived = 0;
let begun = 0n;

function receipt(session, pdu, id) {
  session.deliver_sm({
    source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
    short_message: Buffer.from(
      `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD ` +
      'err:000 text:'),
    receipted_message_id: id, message_state: 2,
  });
}

function onSubmit(session, pdu, counted) {
  const now = process.hrtime.bigint();
  counted.first = counted.first || now;
  counted.last = now;
  begun = begun || now;
  const id = String(++counted.submits);
  session.send(pdu.response({ message_id: id }));
  if (++arrived === expected) {
    say({ arrived: { first: Number(begun) / 1e9, last: Number(process.hrtime.bigint()) / 1e9 } });
  }
  if (!quiet) say({ submit: shown(pdu) });
  if (pdu.registered_delivery & 1) receipt(session, pdu, id);
}

if (!quiet) keepOctets();
const server = smpp.createServer((session) => {
  const counted = { submits: 0, first: 0n, last: 0n };
  for (const kind of ['bind_transceiver', 'bind_transmitter', 'bind_receiver']) {
    session.on(kind, (pdu) => {
      last = session;
      session.send(pdu.response({ system_id: 'npm' }));
    });
  }
  session.on('submit_sm', (pdu) => onSubmit(session, pdu, counted));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => session.send(pdu.response(), () => session.close()));
  session.on('error', () => session.destroy());
  session.on('close', () => {
    const seconds = Number(counted.last - counted.first) / 1e9;
    if (quiet) say({ session: { submits: counted.submits, seconds } });
  });
});
server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
eachLine((line) => last.deliver_sm(fields(line.deliver), (pdu) => say({ answer: pdu.command_status })),
  () => process.exit());
