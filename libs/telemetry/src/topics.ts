/** Homes and devices are named by pseudonyms of this form. */
export const PSEUDONYM = /^[A-Za-z0-9_-]{1,64}$/;
