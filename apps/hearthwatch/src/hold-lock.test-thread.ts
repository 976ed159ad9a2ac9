import { lockRoles } from './role-locks.js';

/** A process that holds the broker's lock of a folder until it is killed. */
lockRoles(process.argv[2]!, ['broker']);
console.log('held');
setInterval(() => undefined, 60_000);
