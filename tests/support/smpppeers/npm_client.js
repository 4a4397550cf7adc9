// A client in npm smpp, with the arguments of smpppeers/peer.py.
'use strict';
const { parseArgs } = require('util');
const { smpp, keepOctets, say, shown, fields } = require('./npm_common.js');
const number = { type: 'string', default: '0' };
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { window: { ...number, default: '10' }, count: number, deliveries: number, receipts: { type: 'boolean' } },
});
const [window, count, deliveries] = ['window', 'count', 'deliveries'].map((key) => +options[key]);

function submits() {
  if (!count) {
    const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => fields(JSON.parse(line).submit));
  }
  const one = {
    source_addr: '12345', destination_addr: '448311234567', data_coding: 0,
    registered_delivery: options.receipts ? 1 : 0,
  };
  return { length: count, at: (n) => ({ ...one, short_message: Buffer.from(`Message ${n}`) }) };
}

const all = submits();
const wanted = count && options.receipts ? count : deliveries;
let sent = 0, answered = 0, delivered = 0, start = 0n;
if (!count) keepOctets();
const session = smpp.connect({ host: positionals[0], port: +positionals[1] });

function pump() {
  while (sent < all.length && sent - answered < window) {
    session.submit_sm(all.at(sent++), (pdu) => {
      answered++;
      if (!count) say(pdu.command_status ? { refused: pdu.command_status } : { accepted: pdu.message_id });
      pump();
      finish();
    });
  }
}

function finish() {
  if (answered < all.length || delivered < wanted) return;
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (count) say({ seconds, accepted: answered, receipts: delivered });
  session.unbind(() => { session.close(); process.exit(); });
}

session.on('deliver_sm', (pdu) => {
  session.send(pdu.response());
  delivered++;
  if (!count) say({ deliver: shown(pdu) });
  finish();
});
session.on('error', (error) => { console.error(error); process.exit(1); });
session.bind_transceiver({ system_id: 'me', password: 'secret' }, () => {
  start = process.hrtime.bigint();
  pump();
});
