export { atomically } from './atomically.js';
export { lastChange, nextChange, type ChangeSubject } from './changes.js';
export { openDatabase, type Database, type DatabaseOptions, type Executor } from './database.js';
export type { Schema } from './schema.js';
