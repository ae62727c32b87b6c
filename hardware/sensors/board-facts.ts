import type { BoardFacts } from '../types.js';

/**
 * What the board is, by systeminformation: slow (it starts processes), so it is asked once, some time after the start.
 * What it cannot tell is left out.
 */
export async function readBoardFacts(): Promise<BoardFacts> {
  const { default: si } = await import('systeminformation');
  const [system, os, cpu, memory] = await Promise.all([si.system(), si.osInfo(), si.cpu(), si.mem()]);
  const named: Record<string, string> = {
    model: `${system.manufacturer} ${system.model}`.trim(),
    os: `${os.distro} ${os.release}`.trim(),
    kernel: os.kernel,
    cpu: `${cpu.manufacturer} ${cpu.brand} × ${cpu.cores}`.trim(),
  };
  const told = Object.entries(named).filter(([, value]) => value !== '' && value !== '-');
  return {
    ...Object.fromEntries(told.map(([name, value]) => [name, value.slice(0, 120)])),
    memoryMb: Math.round(memory.total / 1_048_576),
  };
}
