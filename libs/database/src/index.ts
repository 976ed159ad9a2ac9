export { atomically } from './atomically.js';
export { lastChange, nextChange, type ChangeSubject } from './changes.js';
export { openDatabase, type Database, type DatabaseOptions, type Executor } from './database.js';
export { newId } from './new-id.js';
export type { Schema } from './schema.js';
export { storableText } from './storable-text.js';
