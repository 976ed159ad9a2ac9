/** Without 0 and O, 1, I and L, which people mistake for each other; 31 is a prime, which the check needs. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const RANDOM_CHARACTERS = 11; // 54 bits: with limited attempts within a limited time, hopeless to guess.
const GROUP = 4;

/** How many random numbers `claimCode` wants. */
export const CLAIM_CODE_NUMBERS = RANDOM_CHARACTERS;
/** Each below this. */
export const CLAIM_CODE_BASE = ALPHABET.length;

/** A code such as `7KQM-2XWD-9RTA`; its last character checks the others. Numbers below `CLAIM_CODE_BASE` make it. */
export function claimCode(numbers: readonly number[]): string {
  const code = [...numbers, checkNumber(numbers)].map((number) => ALPHABET[number]).join('');
  return code.match(new RegExp(`.{${GROUP}}`, 'g'))!.join('-');
}

/**
 * The code as it was made, from what somebody typed: capitals or not, with any spaces and dashes; null if
 * it has a character that no code has, the wrong length, or one character wrong or two changed over.
 */
export function readClaimCode(typed: string): string | null {
  const numbers = typed.slice(0, 100).toUpperCase().replaceAll(/[\s-]/g, '').split('').map((character) => ALPHABET.indexOf(character));
  if (numbers.length !== RANDOM_CHARACTERS + 1 || numbers.includes(-1)) return null;
  const random = numbers.slice(0, -1);
  return checkNumber(random) === numbers.at(-1) ? claimCode(random) : null;
}

/** A weighted sum modulo a prime, each weight another: any one wrong character and any two changed over give another sum. */
function checkNumber(numbers: readonly number[]): number {
  return numbers.reduce((sum, number, index) => sum + number * (index + 2), 0) % ALPHABET.length;
}
