import type { Language } from '../../core/errors.js';
import { LINE_WORDS } from '../line-words.js';
import { phaseText } from '../status.js';
import { say, type Text } from '../texts.js';
import type { AcceptanceItem, AcceptanceReason } from './acceptance-record.js';

/** Names of the items. */
export const ITEM_TEXTS: Readonly<Record<AcceptanceItem['id'], Text>> = {
  identity: { vi: 'Danh tính (chứng thư)', en: 'Identity (certificate)' },
  trust: { vi: 'Văn bản tin cậy và nhịp của tỉnh', en: 'Trust document and beat of the province' },
  link: { vi: 'Kết nối máy chủ MQTT', en: 'Link to the broker' },
  hours: { vi: 'Khung giờ được phép phát', en: 'Permitted hours' },
  path: { vi: 'Đường tin khẩn cấp (không phát tiếng)', en: 'Path of an emergency (silent)' },
  sound: { vi: 'Tiếng ra loa', en: 'Sound at the loudspeakers' },
  line: { vi: 'Đường dây loa (cảm biến)', en: 'Loudspeaker line (sensor)' },
  amplifier: { vi: 'Tăng âm', en: 'Amplifier' },
  power: { vi: 'Báo mất điện lưới', en: 'Message of lost mains' },
};

/** Verdicts. */
export const VERDICT_TEXTS: Readonly<Record<AcceptanceItem['verdict'], Text>> = {
  passed: { vi: 'ĐẠT', en: 'PASSED' },
  failed: { vi: 'KHÔNG ĐẠT', en: 'FAILED' },
  'not tried': { vi: 'CHƯA THỬ', en: 'NOT TRIED' },
};

/** Whose word it is. */
export const BY_TEXTS: Readonly<Record<AcceptanceItem['by'], Text>> = {
  receiver: { vi: 'bộ thu tự đo', en: 'measured by the receiver' },
  sensor: { vi: 'cảm biến đường dây loa', en: 'by the sensor of the line' },
  person: { vi: 'lời của người nghe tại chỗ', en: 'by the word of a person on site' },
  script: {
    vi: 'do tập lệnh trả lời thay, không có người nghe',
    en: 'answered by a script, not by a person',
  },
};

/** Reasons of what failed or was not tried. */
export const REASON_TEXTS: Readonly<Record<AcceptanceReason, Text>> = {
  expired: { vi: 'chứng thư hết hạn hoặc chưa có hiệu lực', en: 'the certificate is not valid now' },
  stale: { vi: 'nhịp của tỉnh quá cũ', en: "the province's beat is stale" },
  clock: { vi: 'đồng hồ chưa được tỉnh xác nhận', en: 'the clock is not confirmed by the province' },
  'no-authority': {
    vi: 'chưa được phân công địa bàn, không cơ quan nào có quyền ở đây',
    en: 'no area is assigned, and no authority has a right here',
  },
  'link-down': { vi: 'chưa nối được máy chủ MQTT', en: 'the broker is not reached' },
  'refused-topics': { vi: 'máy chủ MQTT từ chối một số chủ đề', en: 'the broker refuses topics' },
  'default-hours': {
    vi: 'tỉnh chưa đặt khung giờ; đang theo mặc định',
    en: 'the province has set none; the defaults are in force',
  },
  busy: { vi: 'đang phát hoặc đang đo điều khác', en: 'something else is on air or being measured' },
  failed: { vi: 'phép thử hỏng', en: 'the test failed' },
  sink: { vi: 'đầu ra âm thanh hỏng', en: 'the sound output does not work' },
  'no-loudspeaker': {
    vi: 'đầu ra âm thanh không nối với loa',
    en: 'the sound output leads to no loudspeaker',
  },
  'no-tone': { vi: 'không có âm thử nào vừa phát', en: 'no tone was made just now' },
  'nobody-asked': { vi: 'không hỏi được ai', en: 'nobody was asked' },
  unheard: { vi: 'người tại chỗ không nghe thấy', en: 'the person on site did not hear it' },
  'no-sensor': { vi: 'bo mạch không có cảm biến đường dây loa', en: 'the board has no sensor of the line' },
  declined: { vi: 'kỹ thuật viên bỏ qua', en: 'passed over by the technician' },
  'not-calibrated': {
    vi: 'đường dây loa chưa được hiệu chuẩn (loa calibrate)',
    en: 'the line is not calibrated (loa calibrate)',
  },
  noisy: { vi: 'quá ồn để kết luận', en: 'too noisy to tell' },
  load: { vi: 'tải khác lúc hiệu chuẩn', en: 'the load is not that of the calibration' },
  'no-amplifier': { vi: 'bo mạch không điều khiển tăng âm', en: 'the board drives no amplifier' },
  fault: { vi: 'tăng âm báo lỗi', en: 'the amplifier reports a fault' },
  'line-fault': { vi: 'đường dây loa hở hoặc chập', en: 'the line is open or in a short circuit' },
  'no-mains-input': {
    vi: 'bo mạch không báo được điện lưới',
    en: 'nothing on the board tells of the mains',
  },
  unseen: { vi: 'đã cắt điện nhưng bộ thu không thấy', en: 'the mains were cut and it was not noticed' },
  'not-sent': { vi: 'tin mất điện chưa đến tỉnh', en: 'the province does not have the message yet' },
  'still-off': { vi: 'điện lưới chưa có lại', en: 'the mains are not back' },
};

/** The line of figures of an item, in the language; empty where there are none. Pure. */
export function factsText(item: AcceptanceItem, language: Language): string {
  const f = (name: string): string => String(item.facts[name] ?? '?');
  const vi = language === 'vi';
  if (Object.keys(item.facts).length === 0) return '';
  switch (item.id) {
    case 'identity':
      return `${vi ? 'còn' : 'ends in'} ${f('days')} ${vi ? 'ngày' : 'days'}; SHA-256 ${f('fingerprint')}`;
    case 'trust':
      return vi
        ? `phiên bản ${f('version')}; ${f('authorities')} cơ quan có quyền ở đây; nhịp mới nhất ${f('beat')}`
        : `version ${f('version')}; ${f('authorities')} authorities with a right here; newest beat ${f('beat')}`;
    case 'link':
      return `${f('broker')}, MQTT ${f('mqtt')}${item.facts['connectMs'] === undefined ? '' : `; ${vi ? 'nối mất' : 'connects in'} ${f('connectMs')} ms`}`;
    case 'hours':
      return item.facts['priority'] === undefined || item.verdict === 'not tried'
        ? `${vi ? 'cổng lúc này' : 'gate now'}: ${f('normal')}`
        : `${vi ? 'thông thường' : 'normal'} ${f('normal')}; ${vi ? 'ưu tiên' : 'priority'} ${f('priority')}`;
    case 'path':
      return vi
        ? `${f('verified')} văn bản đã xác minh, ${f('frames')} mẫu ra card, ${f('tookMs')} ms`
        : `${f('verified')} documents verified, ${f('frames')} frames at the card, ${f('tookMs')} ms`;
    case 'sound':
      return vi
        ? `đầu ra ${f('sink')}; ${f('underruns')} lần hụt mẫu`
        : `output ${f('sink')}; ${f('underruns')} underruns`;
    case 'line':
      return vi
        ? `biên độ ${f('amplitude')}, cao hơn nền ${f('aboveNoiseDb')} dB${share(item, 'so với hiệu chuẩn')}`
        : `amplitude ${f('amplitude')}, ${f('aboveNoiseDb')} dB above the noise${share(item, 'of the calibration')}`;
    case 'amplifier':
      return `${say(phaseText(f('phase')), language)}; ${vi ? 'đường dây' : 'line'}: ${lineText(f('line'), language)}`;
    case 'power':
      return item.facts['agoS'] === undefined
        ? `${vi ? 'điện lưới' : 'mains'}: ${mainsText(item.facts['mains'], vi)}`
        : `${vi ? 'đã báo cách đây' : 'told'} ${f('agoS')} s${vi ? '' : ' ago'}`;
  }
}

function lineText(line: string, language: Language): string {
  return line === 'normal' || line === 'open' || line === 'short' ? LINE_WORDS[line][language] : line;
}

function mainsText(mains: unknown, vi: boolean): string {
  if (mains === true) return vi ? 'có' : 'there';
  return mains === false ? (vi ? 'mất' : 'lost') : '?';
}

function share({ facts }: AcceptanceItem, of: string): string {
  return facts['sharePercent'] === undefined ? '' : `; ${String(facts['sharePercent'])} % ${of}`;
}
