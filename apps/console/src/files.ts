import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The project's root: the nearest folder above that holds package.json, from the sources and from dist/ alike. */
function projectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('package.json was not found above the console');
    folder = above;
  }
  return folder;
}

/** The project's own folder. */
export const PROJECT_ROOT = projectRoot();

export const TEMPLATES_FOLDER = join(PROJECT_ROOT, 'apps/console/templates');
export const ASSETS_FOLDER = join(PROJECT_ROOT, 'apps/console/assets');
/** nhsuk-frontend's own folder of templates, styles and scripts. */
export const NHSUK_FOLDER = dirname(dirname(createRequire(import.meta.url).resolve('nhsuk-frontend')));
