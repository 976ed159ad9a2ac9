/** Prints every model that zigbee-herdsman-converters publishes, one JSON a line, with its `exposes` as a bridge lists them. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Definition, DefinitionWithExtend } from 'zigbee-herdsman-converters';

const require = createRequire(import.meta.url);
const entry = require.resolve('zigbee-herdsman-converters');
const { prepareDefinition } = require(entry) as { prepareDefinition: (definition: DefinitionWithExtend) => Definition };
const folder = join(dirname(entry), 'devices');

const lines: string[] = [];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.js') && name !== 'index.js')) {
  const { definitions } = require(join(folder, file)) as { definitions: DefinitionWithExtend[] };
  for (const published of definitions) {
    const { model, vendor, description, exposes } = prepareDefinition({ ...published });
    lines.push(JSON.stringify({ model, vendor, description, exposes: typeof exposes === 'function' ? exposes({ isDummyDevice: true }, {}) : exposes }));
  }
}
process.stdout.write(`${lines.join('\n')}\n`);
