import { start } from './process.ts';

/** One demo for all journeys; the answer stops it. */
export default async function demo(): Promise<() => Promise<void>> {
  const running = await start('demo', '--size', 'small');
  process.env['TRELLIS_URL'] = running.url;
  return running.stop;
}
