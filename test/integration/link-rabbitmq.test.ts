import t from 'tap';
import { connectAsync } from 'mqtt';
import { Told } from '../fakes/broker-mosquitto.js';
import { makeBrokerTls, withoutOpenssl } from '../fakes/broker-tls.js';
import { RabbitMq, withoutRabbitMq } from '../rig/rabbitmq.js';
import { waitUntil } from '../support/wait-until.js';
import { makeLink } from '../unit/link/link-rig.js';

const skip = withoutRabbitMq() || withoutOpenssl();
/** RabbitMQ answers in tens of milliseconds; what has not come by then does not come. */
const LIMIT_MS = 30_000;
t.setTimeout(300_000);

t.test(
  'RabbitMQ, which can be clustered, is connected to (3.10 by MQTT 3.1.1, 4.0 by 5), keeps the session and takes reports',
  { skip },
  async (t) => {
    const tls = await makeBrokerTls('bt-001');
    const broker = await RabbitMq.prepare(tls);
    t.teardown(async () => {
      await broker.remove();
      await tls.remove();
    });
    await broker.start();
    const heard = new Told<string>();
    const province = await connectAsync({
      ...{ protocol: 'mqtts', host: 'localhost', port: broker.port, ca: tls.ca, ...tls.client },
      ...{ protocolVersion: 4, clientId: 'province' },
    });
    t.teardown(() => province.endAsync(true));
    province.on('message', (topic, payload) => heard.tell(`${topic} ${payload.toString()}`));
    await province.subscribeAsync('loa/v1/receiver/bt-001/receipt', { qos: 1 });

    const retry = { firstMs: 100, longestMs: 300, stableMs: 300_000 };
    const trust = 'loa/v1/trust';
    const command = 'loa/v1/receiver/bt-001/command';
    const emergency = 'loa/v1/area/ap-1/emergency/+';
    await province.publishAsync('loa/v1/area/ap-1/emergency/tinh', 'retained', { qos: 1, retain: true });
    await province.publishAsync(trust, 'document', { qos: 1, retain: true });
    const { link, ups, messages } = makeLink(broker.port, tls, { times: { retry } });
    t.teardown(() => link.close());
    link.subscribe([command, emergency, trust]);
    link.start(new AbortController().signal);
    // A command is not retained: it is sent once the retained document shows that the subscription stands.
    await arrived(messages, `${trust} document`);
    t.match(ups[0], { mqttVersion: broker.mqttVersion, sessionPresent: false });
    await province.publishAsync(command, 'play', { qos: 1 });
    await arrived(messages, `${command} play`);
    for (let n = 1; n <= 50; n += 1)
      await link.publish('loa/v1/receiver/bt-001/receipt', Buffer.from(`r${n}`));
    await heard.until((message) => message.endsWith(' r50'), LIMIT_MS);
    t.same(heard.items.length, 50, 'each once, in order');

    await link.close();
    await province.publishAsync(command, 'while away', { qos: 1 });
    const again = makeLink(broker.port, tls, { times: { retry } });
    t.teardown(() => again.link.close());
    again.link.subscribe([command, emergency, trust]);
    again.link.start(new AbortController().signal);
    await arrived(again.messages, `${command} while away`);
    t.match(again.ups[0], { sessionPresent: true });
    await again.link.close();
    t.comment(
      `retained of a subscription with +: ${messages.includes('loa/v1/area/ap-1/emergency/tinh retained')}`,
    );
  },
);

/** Fails by name where a message does not come. */
function arrived(messages: readonly string[], wanted: string): Promise<unknown> {
  return waitUntil(`the message "${wanted}"`, () => messages.includes(wanted), {
    deadlineMs: LIMIT_MS,
    everyMs: 20,
  });
}
