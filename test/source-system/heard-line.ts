import type { Heard } from './ears.js';

/** What was heard, in one line for a person: time, receiver, and what it says. */
export function heardLine(heard: Heard): string {
  const time = new Date(heard.atMs).toISOString().slice(11, 23);
  const chain = heard.chain === 'gap' || heard.chain === 'fork' ? `  [chain: ${heard.chain}]` : '';
  return `${time}  ${heard.receiver.padEnd(12)}  ${heard.kind.padEnd(9)}  ${sayingOf(heard)}${chain}`;
}

function sayingOf(heard: Heard): string {
  switch (heard.kind) {
    case 'state': {
      const { body } = heard.message;
      if (!body.online) return `offline (${body.reason})`;
      return `online, version ${body.version}, MQTT ${body.mqttVersion === 5 ? '5' : '3.1.1'}, ${body.areas.join(' < ')}`;
    }
    case 'reply': {
      const { outcome, code, detail, commandId } = heard.message.body;
      return [outcome, code, detail, `(${commandId})`].filter((part) => part !== undefined).join(' ');
    }
    case 'event': {
      const { kind, code, detail, count } = heard.message.body;
      return `${kind} ${code}: ${detail}${count > 1 ? ` (${count} times)` : ''}`;
    }
    case 'receipt': {
      const { outcome, title, framesHeard, class: airClass, code, underruns } = heard.message.body;
      const seconds = (framesHeard / 48_000).toFixed(1);
      return `${outcome} "${title}" (${airClass}): ${seconds} s heard, ${underruns} underruns ${code ?? ''}`.trimEnd();
    }
    case 'telemetry': {
      const { full, onAir, uptimeS, levelDb, temperatureC } = heard.message.body;
      const air = onAir
        ? `on air "${onAir.title}"`
        : full === false && onAir !== null
          ? 'as before'
          : 'silent';
      const level = levelDb === undefined ? '' : `, ${levelDb.toFixed(1)} dB`;
      const warmth = temperatureC === undefined ? '' : `, ${temperatureC.toFixed(0)} °C`;
      return `${air}${level}${warmth}, up ${Math.round(uptimeS)} s`;
    }
  }
}
