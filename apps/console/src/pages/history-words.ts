const WORDS: Record<string, string> = {
  opened: 'Raised', attached: 'Happened again', raised: 'Became more severe', 'paged-again': 'Called again', cleared: 'Its cause ended', returned: 'Came back',
  acknowledged: 'acknowledged it', going: 'is going there', commented: 'wrote', resolved: 'resolved it',
  told: 'Told', 'not-told': 'Nobody was told', 'tell-failed': 'Could not be told',
};
const BY_PEOPLE = new Set(['acknowledged', 'going', 'commented', 'resolved']);
const BAD = new Set(['not-told', 'tell-failed']);

/** One entry of an alert's history in words. */
export function historyText({ what, who }: { what: string; who: string }): { text: string; bad: boolean } {
  const words = WORDS[what] ?? what;
  return { text: BY_PEOPLE.has(what) ? `${who} ${words}` : words, bad: BAD.has(what) };
}
