import t from 'tap';
import { connectAsync } from 'mqtt';
import { Told } from '../fakes/broker-mosquitto.js';
import { makeBrokerTls, withoutOpenssl } from '../fakes/broker-tls.js';
import { RabbitMq, withoutRabbitMq } from '../rig/rabbitmq.js';
import { makeLink } from '../unit/link/link-rig.js';

const skip = withoutRabbitMq() || withoutOpenssl();
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
    const { link, told, ups, messages } = makeLink(broker.port, tls, { times: { retry } });
    const command = 'loa/v1/receiver/bt-001/command';
    const emergency = 'loa/v1/area/ap-1/emergency/+';
    await province.publishAsync('loa/v1/area/ap-1/emergency/tinh', 'retained', { qos: 1, retain: true });
    link.subscribe([command, emergency]);
    link.start(new AbortController().signal);
    await told({ up: 1 });
    t.match(ups[0], { mqttVersion: broker.mqttVersion, sessionPresent: false });
    await province.publishAsync(command, 'play', { qos: 1 });
    await told({ message: 1 });
    while (!messages.includes(`${command} play`)) await told({ message: messages.length + 1 });
    for (let n = 1; n <= 50; n += 1)
      await link.publish('loa/v1/receiver/bt-001/receipt', Buffer.from(`r${n}`));
    await heard.until((message) => message.endsWith(' r50'));
    t.same(heard.items.length, 50, 'each once, in order');

    await link.close();
    await province.publishAsync(command, 'while away', { qos: 1 });
    const again = makeLink(broker.port, tls, { times: { retry } });
    again.link.subscribe([command, emergency]);
    again.link.start(new AbortController().signal);
    await again.told({ up: 1 });
    t.match(again.ups[0], { sessionPresent: true });
    while (!again.messages.includes(`${command} while away`))
      await again.told({ message: again.messages.length + 1 });
    await again.link.close();
    t.comment(
      `retained of a subscription with +: ${messages.includes('loa/v1/area/ap-1/emergency/tinh retained')}`,
    );
  },
);
