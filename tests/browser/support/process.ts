import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const BINARY = process.env['TRELLIS_BIN'] ?? path.resolve(import.meta.dirname, '../../../target/debug/trellis');

export interface Running {
  url: string;
  /** What it said when it was ready. */
  ready: Record<string, unknown>;
  stop(): Promise<void>;
}

/** The real binary on a free port over a folder of its own, until it is stopped. */
export async function start(command: 'serve' | 'demo', ...more: string[]): Promise<Running> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trellis-browser-'));
  const server = spawn(BINARY, ['--json', command, ...more, '--data', folder, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stopped = once(server, 'exit');
  const failed = stopped.then(() => Promise.reject(new Error(`${BINARY} ${command} did not start`)));
  failed.catch(() => undefined);
  const [line] = (await Promise.race([once(createInterface(server.stdout), 'line'), failed])) as [string];
  const ready = JSON.parse(line) as Record<string, unknown>;
  return {
    url: String(ready['url']),
    ready,
    stop: async () => {
      server.kill('SIGKILL');
      await stopped;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
