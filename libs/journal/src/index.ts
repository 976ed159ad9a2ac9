export { diskStorage } from './disk-storage.js';
export type { JournalEntry, LogName, NewEntry } from './entry.js';
export { JournalReader, openJournalReader, type JournalReaderOptions, type ReadLimits } from './journal-reader.js';
export { JournalWriter, openJournalWriter, type JournalWatch, type JournalWriterOptions } from './journal-writer.js';
export type { Recovered } from './recover.js';
export type { Storage, StorageFile, StorageLock } from './storage.js';
