// What the npm package smpp says and hears, as JSON lines: see smpppeers/peer.py for their form.
'use strict';
const smpp = require(process.env.SMPP_PEERS + '/node_modules/smpp');

// The package replaces the octets of a message by what it reads from them: keep both.
function keepOctets() {
  const decode = smpp.filters.message.decode;
  smpp.filters.message.decode = function (value, skip) {
    if (Buffer.isBuffer(value) && !this.octets) this.octets = value;
    return decode.call(this, value, skip);
  };
}

function say(what) {
  process.stdout.write(JSON.stringify(what) + '\n');
}

function shown(pdu) {
  const read = (pdu.message_payload && pdu.message_payload.message) || pdu.short_message.message;
  return {
    source: [pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi],
    destination: [pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi],
    esm_class: pdu.esm_class,
    data_coding: pdu.data_coding,
    registered_delivery: pdu.registered_delivery,
    octets: (pdu.octets || Buffer.alloc(0)).toString('hex'),
    read: typeof read === 'string' ? read : null,
  };
}

function fields(given) {
  return {
    source_addr: given.source[0], source_addr_ton: given.source[1], source_addr_npi: given.source[2],
    destination_addr: given.destination[0], dest_addr_ton: given.destination[1],
    dest_addr_npi: given.destination[2],
    esm_class: given.esm_class, data_coding: given.data_coding,
    registered_delivery: given.registered_delivery,
    short_message: Buffer.from(given.octets, 'hex'),
  };
}

function eachLine(take, end) {
  const lines = require('readline').createInterface({ input: process.stdin });
  lines.on('line', (line) => take(JSON.parse(line)));
  lines.on('close', end);
}

module.exports = { smpp, keepOctets, say, shown, fields, eachLine };
