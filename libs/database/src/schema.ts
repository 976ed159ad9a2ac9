/**
 * The one schema for SQLite and PostgreSQL. Conventions: ids are text; times are epoch milliseconds
 * UTC (`…Ms` columns, bigint); flags are 0 or 1; structured values are JSON text (`…Json` columns).
 * camelCase here, and in the database too (quoted by Kysely).
 */
export interface Schema {
  changes: ChangesTable;
  homes: HomesTable;
  residents: ResidentsTable;
  contacts: ContactsTable;
  contexts: ContextsTable;
  devices: DevicesTable;
  sightings: SightingsTable;
  wiring: WiringTable;
  deviceChecks: DeviceChecksTable;
  deviceTests: DeviceTestsTable;
  ruleSettings: RuleSettingsTable;
  credentials: CredentialsTable;
  claims: ClaimsTable;
  securityEvents: SecurityEventsTable;
  quarantine: QuarantineTable;
  quarantineReplays: QuarantineReplaysTable;
  alerts: AlertsTable;
  findings: FindingsTable;
  alertHistory: AlertHistoryTable;
  outbox: OutboxTable;
  users: UsersTable;
  sessions: SessionsTable;
  apiTokens: ApiTokensTable;
  audit: AuditTable;
  checkpoints: CheckpointsTable;
  homeStates: HomeStatesTable;
  fleetBuckets: FleetBucketsTable;
  deafPeriods: DeafPeriodsTable;
  decoderMemories: DecoderMemoriesTable;
}

/** A number that rises with every committed change of a subject: pages and caches follow it. */
export interface ChangesTable {
  subject: string; // 'registry' | 'credentials' | 'wiring' | 'alerts'
  number: number;
}

export interface HomesTable {
  id: string;
  timeZone: string; // IANA
  kind: string; // 'single' | 'couple' | 'care-home'
  /** What somebody at the door needs; free text from staff, all optional. */
  address: string | null;
  phone: string | null;
  keySafe: string | null;
  hazards: string | null;
  accessNotes: string | null;
  createdMs: number;
}

export interface ResidentsTable {
  home: string;
  id: string;
  name: string | null;
  basis: string; // 'consent' | 'attorney' | 'best-interests'
  decidedBy: string;
  reviewOn: string; // YYYY-MM-DD
  createdMs: number;
}

export interface ContactsTable {
  id: string;
  home: string;
  name: string;
  role: string; // 'family' | 'responder' | 'clinician' | 'installer'
  email: string | null;
  phone: string | null;
  /** Who is told first: ascending. */
  position: number;
  createdMs: number;
}

export interface ContextsTable {
  id: string;
  home: string;
  kind: string; // 'away' | 'hospital' | 'visit' | 'carer' | 'holiday' | 'pause'
  fromMs: number;
  untilMs: number; // Every context ends by itself.
  note: string | null;
  createdBy: string;
  createdMs: number;
}

/** One row a version: the newest with `effectiveFromMs` at or before a time holds at that time. First versions hold from 0. */
export interface DevicesTable {
  home: string;
  id: string;
  effectiveFromMs: number;
  model: string | null;
  room: string;
  roomName: string | null;
  use: string;
  kindsJson: string; // string[]
  resident: string | null;
  retired: number; // 0 | 1
}

/** When each device, registered or not, was last heard; an unregistered one waits here for adoption. `lastMs` is 0 while it was only announced. */
export interface SightingsTable {
  home: string;
  device: string;
  firstMs: number;
  lastMs: number;
  kindsJson: string; // string[]
  battery: number | null;
  /** 'online' | 'offline' as the device or hub last said, or null. */
  said: string | null;
  /** Gaps in `seq`, counted. */
  missed: number;
  /** As a hub's bridge announced it. */
  model: string | null;
}

/** Whether what a device tells of one kind is turned round: the newest with `effectiveFromMs` at or before a message's arrival holds for it. */
export interface WiringTable {
  home: string;
  device: string;
  kind: string;
  effectiveFromMs: number;
  inverted: number; // 0 | 1
  setBy: string;
}

/** The newest "press or walk past it now" of each device, and what was then heard of it. */
export interface DeviceChecksTable {
  home: string;
  device: string;
  askedMs: number;
  askedBy: string;
  confirmedMs: number | null;
  seenKind: string | null;
  seenValueJson: string | null;
  seenAtMs: number | null;
}

/** When each kind of a device was last received as a test. */
export interface DeviceTestsTable {
  home: string;
  device: string;
  kind: string;
  lastMs: number;
}

export interface RuleSettingsTable {
  home: string;
  rule: string;
  effectiveFromMs: number;
  enabled: number; // 0 | 1
  parametersJson: string;
  setBy: string;
}

export interface CredentialsTable {
  username: string;
  home: string;
  kind: string; // 'hub' | 'device' | 'mounted'
  secretHash: string;
  createdMs: number;
  revokedMs: number | null;
  /** The one device of a login of kind 'device'. */
  device: string | null;
  /** Opens no more from then on: it was rotated, and a newer login takes over. */
  expiresMs: number | null;
}

/** A code that is exchanged for a login, once. */
export interface ClaimsTable {
  codeHash: string;
  home: string;
  kind: string; // As of the login.
  device: string | null;
  createdMs: number;
  createdBy: string;
  expiresMs: number;
  claimedMs: number | null;
  username: string | null;
}

export interface SecurityEventsTable {
  id: string;
  atMs: number;
  code: string; // 'HW-MQTT-…'
  home: string | null;
  username: string | null;
  detail: string;
}

/** Messages that could not be read, and points that a store refused. */
export interface QuarantineTable {
  /** `message/<journal position>` or `point/<identity>`: a repeat after a crash changes nothing. */
  key: string;
  kind: string; // 'message' | 'point'
  home: string | null;
  device: string | null;
  topic: string | null;
  atMs: number;
  code: string;
  reason: string;
  /** Bytes as they came, base64. */
  payload: string;
  replayedMs: number | null;
}

/** A message of the quarantine that is to be read again; each consumer of the journal marks its own part. */
export interface QuarantineReplaysTable {
  key: string;
  requestedMs: number;
  requestedBy: string;
  detectionMs: number | null;
  seriesMs: number | null;
  readable: number | null; // 0 | 1
  outcome: string | null;
}

export interface AlertsTable {
  id: string;
  home: string;
  /** 'resident' | 'device' | 'home' | 'fleet' */
  subjectKind: string;
  subject: string;
  rule: string;
  cause: string;
  severity: string;
  status: string; // 'open' | 'acknowledged' | 'resolved'
  /** home|subjectKind|subject|rule|cause while not resolved, null afterwards; unique, so only one is open. */
  openKey: string | null;
  reason: string;
  /** The same without clinical detail. */
  familyReason: string;
  /** When what it describes began, and when it was raised; both by detection's time. */
  fromMs: number;
  atMs: number;
  /** When its condition ended, while it is open. */
  clearedMs: number | null;
  /** By the system's clock. */
  openedMs: number;
  acknowledgedMs: number | null;
  acknowledgedBy: string | null;
  goingMs: number | null;
  goingBy: string | null;
  resolvedMs: number | null;
  resolvedBy: string | null;
  outcome: string | null; // 'true-alarm' | 'false-alarm' | 'test' | 'technical' | 'unknown'
  /** From `changes` ('alerts'), at its last change. */
  change: number;
}

export interface FindingsTable {
  /** home/rule/subject/cause/time of the first reading/step: unique for ever. */
  key: string;
  alertId: string;
  episode: string;
  change: string; // 'raise' | 'clear'
  home: string;
  rule: string;
  ruleVersion: number;
  severity: string;
  fromMs: number;
  atMs: number;
  reason: string;
  evidenceJson: string;
  parametersJson: string;
}

export interface AlertHistoryTable {
  id: string; // UUIDv7: sorts by time
  alertId: string;
  atMs: number;
  /** opened | attached | raised | paged-again | cleared | returned | acknowledged | going | commented | resolved | told | not-told | tell-failed */
  what: string;
  who: string;
  note: string | null;
}

export interface OutboxTable {
  id: string;
  /** alert/step/contact/occasion: committed once. */
  key: string;
  alertId: string | null;
  home: string;
  channel: string; // 'email'
  contactId: string;
  occasion: string; // 'opened' | 'raised' | 'paged-again' | 'resolved'
  state: string; // 'queued' | 'claimed' | 'sent' | 'failed'
  attempts: number;
  dueMs: number;
  claimedUntilMs: number | null;
  sentMs: number | null;
  lastError: string | null;
  createdMs: number;
}

export interface UsersTable {
  id: string;
  username: string;
  role: string; // 'administrator'
  passwordHash: string;
  createdMs: number;
  disabledMs: number | null;
}

export interface SessionsTable {
  id: string; // A hash of the cookie's secret.
  userId: string;
  dataJson: string;
  expiresMs: number;
}

export interface ApiTokensTable {
  id: string;
  name: string;
  secretHash: string;
  createdMs: number;
  revokedMs: number | null;
}

export interface AuditTable {
  id: string;
  atMs: number;
  who: string;
  what: string;
  subject: string | null;
  detailJson: string | null;
}

export interface CheckpointsTable {
  consumer: string; // 'monitor'
  position: number;
  /** Detection's time at that position. */
  nowMs: number;
  savedMs: number;
}

export interface HomeStatesTable {
  home: string;
  stateJson: string;
}

/** How many homes were heard in each 5 minutes of detection's time, of how many known. */
export interface FleetBucketsTable {
  startMs: number;
  heard: number;
  known: number;
}

/** When the service itself was not there to hear anything. */
export interface DeafPeriodsTable {
  fromMs: number;
  untilMs: number;
}

/** What the decoders remember of a home, for each consumer of the journal as of its saved position. */
export interface DecoderMemoriesTable {
  consumer: string;
  home: string;
  memoryJson: string; // DecoderMemory of libs/telemetry
}
