/** A resident, as the service's HTTP interface takes one. */
export interface ResidentPlan {
  id: string;
  basis: 'consent' | 'attorney' | 'best-interests';
  decidedBy: string;
  /** YYYY-MM-DD */
  reviewOn: string;
}

/** Somebody who is told. */
export interface ContactPlan {
  name: string;
  role: 'family' | 'responder' | 'clinician' | 'installer';
  email?: string;
  phone?: string;
}

/** A device, as the service's HTTP interface takes one. */
export interface DevicePlan {
  id: string;
  model?: string;
  room: string;
  /** The room's own name where `room` is `other`. */
  name?: string;
  use: string;
  kinds: string[];
  resident?: string;
}

/** Everything that has to be registered before a home's messages are accepted and understood. */
export interface HomePlan {
  id: string;
  /** IANA, such as Europe/London. */
  timeZone: string;
  /** What else the service keeps of a home: `kind`, `address`, `phone`, `keySafe`, `hazards`, `accessNotes`. */
  details?: Record<string, string>;
  residents: ResidentPlan[];
  contacts: ContactPlan[];
  devices: DevicePlan[];
}
