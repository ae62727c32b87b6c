/** Keeps one core busy until it is killed, or the process that started it is gone. */
const parent = process.ppid;
for (let turns = 0; ; turns += 1) {
  if (turns % 10_000_000 === 0 && process.ppid !== parent) break;
}
