import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../architecture/source-files.js';
import { eventually, Service, type Login } from '../harness/service.js';

const GUIDE = readFileSync(join(ROOT, 'docs/installers/README.md'), 'utf8');
const present = (program: string): boolean => spawnSync(program, ['--help']).error === undefined;
const runnable = ['bash', 'curl', 'mosquitto_pub', 'mosquitto_sub'].every(present);

/** The shell commands of one step of the guide. */
function commands(step: string): string {
  const from = GUIDE.indexOf(`\n## ${step}`);
  const section = GUIDE.slice(from, GUIDE.indexOf('\n## ', from + 1));
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!);
  expect(blocks.length).toBeGreaterThan(0);
  return blocks.join('\n');
}

(runnable ? describe : describe.skip)('the installers\' guide, step by step (needs curl and mosquitto-clients)', () => {
  let service: Service;
  let env: Record<string, string>;

  beforeAll(async () => {
    service = await Service.create();
    await service.start();
    env = { PATH: process.env['PATH'] ?? '', TOKEN: service.token, API: `${service.httpUrl}/api/v1`, BROKER: '127.0.0.1', PORT: String(service.mqttPort) };
  });
  afterAll(async () => service.dispose());

  async function shell(script: string): Promise<string> {
    const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString(); });
    const [code] = await once(child, 'close') as [number | null];
    if (code !== 0) throw new Error(`exit code ${code} of:\n${script}\n${out}${err}`);
    return out;
  }

  test('home, resident, devices, login, first reading', async () => {
    await shell(commands('1. Register the home'));
    await shell(commands('2. Register the devices'));
    const { username, password } = JSON.parse(await shell(commands('3. A login for the hub'))) as Login;
    Object.assign(env, { HUB_USERNAME: username, HUB_PASSWORD: password });
    const [publish, look] = commands('4. The first reading').split(/\n(?=curl)/);
    await shell(publish!);
    const battery = await eventually(10_000, async () => (JSON.parse(await shell(look!)) as { items: { value: number }[] }).items[0]);
    expect(battery).toMatchObject({ device: 'pir-hall', kind: 'battery', value: 87 });
  });

  test('what could not be read is answered on rejected', async () => {
    let answer: string | undefined;
    const listening = shell(commands('5. If nothing arrives')).then((out) => { answer = out; });
    const bad = commands('4. The first reading').split(/\n(?=curl)/)[0]!.replace('"battery":87', '"temperature":451');
    await eventually(15_000, async () => { // Sent again, as the guide says: the listener may not have been there yet.
      await shell(bad);
      return answer;
    });
    await listening;
    expect(JSON.parse(answer!)).toMatchObject({ code: 'HW-DECODE-RANGE', reason: expect.stringContaining('temperature: 451') });
  });
});
