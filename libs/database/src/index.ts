export { atomically } from './atomically.js';
export { lastChange, nextChange, type ChangeSubject } from './changes.js';
<<<<<<< HEAD
export { openDatabase, type Database, type DatabaseOptions, type Executor } from './database.js';
export { newId } from './new-id.js';
=======
export type { DatabaseOptions } from './database-options.js';
export { openDatabase, type Database, type Executor } from './database.js';
>>>>>>> 3ea0e9d (Documents: first look, installing, connecting a home, the MQTT contract, daily work; decisions about the process)
export type { Schema } from './schema.js';
export { storableText } from './storable-text.js';
