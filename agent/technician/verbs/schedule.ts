import { LoaError } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { dayText } from '../day-text.js';
import type { DayView } from '../programme-view.js';
import { EXIT, type QuickVerb } from '../verb.js';
import { dayArguments } from './day-arguments.js';

/** `loa schedule`: the coming day as a table and a strip. */
export const scheduleVerb: QuickVerb = {
  summary: { vi: 'lịch phát trong ngày', en: 'the programme of a day' },
  usage: 'schedule [--day YYYY-MM-DD]',
  async run({ args, config, language, json, print }) {
    const { day, ...rest } = dayArguments(args, ['day']);
    if (Object.keys(rest).length > 0) throw new LoaError('E_USAGE', 'schedule wants --day alone');
    const path = `/v1/schedule${day === undefined ? '' : `?day=${day}`}`;
    const view = (await askReceiver(config.socketPath, 'GET', path)) as DayView;
    print(json ? JSON.stringify(view) : dayText(view, language));
    return EXIT.done;
  },
};
