/**
 * Starts the service. Nothing but Node's own modules is imported before the version is known to be
 * right: on an older Node, the one that came with `npm ci` takes over.
 */
import { runOnBundledNode } from './bundled-node.js';

const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  runOnBundledNode();
} else {
  const { runService } = await import('./service.js');
  process.exit(await runService());
}
