/** What staff may do; caseloads and further roles come with them. */
export const STAFF_ROLES = ['administrator'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];
