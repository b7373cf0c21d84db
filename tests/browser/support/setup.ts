import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const BINARY = process.env['TRELLIS_BIN'] ?? path.resolve(import.meta.dirname, '../../../target/debug/trellis');

/** One demo for all journeys: the real binary on a free port over a folder of its own; the answer stops it. */
export default async function start(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trellis-browser-'));
  const server = spawn(BINARY, ['--json', 'demo', '--size', 'small', '--data', folder, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stopped = once(server, 'exit');
  const stop = async () => {
    server.kill();
    await stopped;
    await rm(folder, { recursive: true, force: true });
  };
  const failed = stopped.then(() => Promise.reject(new Error(`${BINARY} did not start`)));
  failed.catch(() => undefined);
  const [line] = (await Promise.race([once(createInterface(server.stdout), 'line'), failed])) as [string];
  process.env['TRELLIS_URL'] = (JSON.parse(line) as { url: string }).url;
  return stop;
}
