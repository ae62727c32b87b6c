import type { VolumeRules } from '../sound/volume.js';
import { spanOf } from './permitted-hours.js';

/** What the sound thread goes by, of the settings. Pure. */
export function volumeRulesOf(volume: {
  readonly normalDb: number;
  readonly priorityDb: number;
  readonly emergencyDb: number;
  readonly byTime: readonly { readonly from: string; readonly to: string; readonly gainDb: number }[];
}): VolumeRules {
  const { byTime, ...ofClass } = volume;
  return { ...ofClass, byTime: byTime.map((one) => ({ ...spanOf(one), gainDb: one.gainDb })) };
}
