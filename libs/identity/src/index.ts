export { createApiToken, listApiTokens, revokeApiToken, verifyApiToken, type ApiToken, type TokenHolder } from './api-tokens.js';
export { listAudit, recordAudit, type Audited, type AuditEntry } from './audit.js';
export { createSession, endSession, findSession, pruneSessions, saveSession, SESSION_LIMITS, type Session, type SessionData } from './sessions.js';
export { signIn, type SignedIn } from './sign-in.js';
export type { StaffRole } from './staff-role.js';
export { SignInThrottle } from './sign-in-throttle.js';
export { createUser, disableUser, enableUser, ensureFirstAdministrator, getUser, listUsers, setPassword, type User } from './users.js';
